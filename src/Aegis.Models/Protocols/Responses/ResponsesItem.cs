using System.Text.Json;
using Aegis.Models.Protocols.Json;

namespace Aegis.Models.Protocols.Responses;

/// <summary>The members that items, tools and forms share, read from the object on which the cursor
/// stands.</summary>
internal sealed class ResponsesItem
{
    public string? Type { get; private set; }

    public string? Role { get; private set; }

    public string? CallId { get; private set; }

    public string? Name { get; private set; }

    public string? Description { get; private set; }

    public string? Arguments { get; private set; }

    public string? Parameters { get; private set; }

    public string? Schema { get; private set; }

    public bool? Strict { get; private set; }

    public List<ChatPart> Content { get; } = [];

    public static ResponsesItem Read(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var item = new ResponsesItem();
        while (cursor.Member())
        {
            item.Member(ref cursor);
        }
        return item;
    }

    private void Member(ref JsonCursor cursor)
    {
        if (cursor.Is("type"u8))
        {
            Type = cursor.Text();
        }
        else if (cursor.Is("role"u8))
        {
            Role = cursor.Text();
        }
        else if (cursor.Is("content"u8) || cursor.Is("output"u8))
        {
            Parts(ref cursor);
        }
        else if (cursor.Is("call_id"u8))
        {
            CallId = cursor.Text();
        }
        else if (cursor.Is("name"u8))
        {
            Name = CallFields.ToolName(ref cursor);
        }
        else if (cursor.Is("description"u8))
        {
            Description = cursor.TextOrNull();
        }
        else if (cursor.Is("arguments"u8))
        {
            Arguments = cursor.Text();
        }
        else
        {
            Schemas(ref cursor);
        }
    }

    private void Schemas(ref JsonCursor cursor)
    {
        if (cursor.Is("parameters"u8))
        {
            Parameters = cursor.RawObject();
        }
        else if (cursor.Is("schema"u8))
        {
            Schema = cursor.RawObject();
        }
        else if (cursor.Is("strict"u8))
        {
            Strict = cursor.FlagOrNull();
        }
        else
        {
            cursor.Skip();
        }
    }

    private void Parts(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.String)
        {
            Content.Add(new TextPart(cursor.Here()));
            return;
        }
        if (cursor.Token != JsonTokenType.StartArray)
        {
            // reasoning items have none
            cursor.Leave();
            return;
        }
        while (cursor.Element())
        {
            Content.Add(Part(ref cursor));
            CallFields.Bound(ref cursor, Content.Count, ProtocolLimits.PartsMax, "parts");
        }
    }

    private static ChatPart Part(ref JsonCursor cursor)
    {
        if (cursor.Token != JsonTokenType.StartObject)
        {
            throw cursor.Wrong("an object");
        }
        var at = cursor.Start;
        string? type = null, text = null, image = null, detail = null;
        while (cursor.Member())
        {
            if (cursor.Is("type"u8))
            {
                type = cursor.Text();
            }
            else if (cursor.Is("text"u8) || cursor.Is("refusal"u8))
            {
                text = cursor.Text();
            }
            else if (cursor.Is("image_url"u8))
            {
                image = cursor.TextOrNull();
            }
            else if (cursor.Is("detail"u8))
            {
                detail = cursor.TextOrNull();
            }
            else
            {
                cursor.Skip();
            }
        }
        return type switch
        {
            "input_text" or "output_text" or "text" or "refusal" or "reasoning_text" =>
                new TextPart(CallFields.Needed(ref cursor, text, at, "text")),
            "input_image" => CallFields.Image(ref cursor,
                CallFields.Needed(ref cursor, image, at, "image_url"), detail),
            null => throw cursor.Malformed(at, "a member type", "none"),
            _ => throw ProtocolErrors.Untranslatable(cursor.Place(at), "a part that is no text and no image"),
        };
    }
}
