using System.Collections.Immutable;
using System.Text.Json;

namespace Aegis.Models.Protocols.Json;

/// <summary>What bodies of both protocols have in common.</summary>
internal static class CallFields
{
    public const double TemperatureMost = 2;

    public static string ModelExpected => FormattableString.Invariant(
        $"a model's name of 1 to {ProtocolLimits.ModelCharsMax} characters that can be shown");

    public static string Model(ref JsonCursor cursor)
    {
        var name = cursor.Text("a model's name");
        return IsModel(name) ? name : throw cursor.Wrong(ModelExpected);
    }

    /// <summary>What goes into the ledger and into headers holds no control character.</summary>
    public static bool IsModel(string name) =>
        name.Length is > 0 and <= ProtocolLimits.ModelCharsMax && !name.Any(char.IsControl);

    public static int? Tokens(ref JsonCursor cursor) =>
        (int?)cursor.IntegerOrNull(1, ProtocolLimits.OutputTokensMax);

    public static ImmutableArray<string> Stops(ref JsonCursor cursor)
    {
        cursor.Read();
        if (cursor.Token == JsonTokenType.Null)
        {
            return [];
        }
        if (cursor.Token == JsonTokenType.String)
        {
            return [cursor.Here()];
        }
        if (cursor.Token != JsonTokenType.StartArray)
        {
            throw cursor.Wrong("a text or an array of texts");
        }
        var stops = ImmutableArray.CreateBuilder<string>();
        while (cursor.Element())
        {
            stops.Add(cursor.Here());
            Bound(ref cursor, stops.Count, ProtocolLimits.StopsMax, "stop sequences");
        }
        return stops.ToImmutable();
    }

    public static string ToolName(ref JsonCursor cursor)
    {
        var name = cursor.Text("a tool's name");
        return name.Length is > 0 and <= ProtocolLimits.ToolNameCharsMax ? name : throw cursor.Wrong(
            FormattableString.Invariant(
                $"a tool's name of 1 to {ProtocolLimits.ToolNameCharsMax} characters"));
    }

    /// <summary>Reads <c>{"type": "ephemeral", "ttl": "5m"}</c>.</summary>
    public static CacheMark Mark(ref JsonCursor cursor)
    {
        if (!cursor.ObjectOrNull())
        {
            return CacheMark.None;
        }
        var mark = CacheMark.Short;
        while (cursor.Member())
        {
            if (cursor.Is("ttl"u8))
            {
                mark = cursor.Text("5m or 1h") switch
                {
                    "5m" => CacheMark.Short,
                    "1h" => CacheMark.Long,
                    _ => throw cursor.Wrong("5m or 1h"),
                };
            }
            else
            {
                cursor.Skip();
            }
        }
        return mark;
    }

    public static void WriteMark(Utf8JsonWriter writer, CacheMark mark)
    {
        if (mark == CacheMark.None)
        {
            return;
        }
        writer.WriteStartObject("cache_control"u8);
        writer.WriteString("type"u8, "ephemeral"u8);
        if (mark == CacheMark.Long)
        {
            writer.WriteString("ttl"u8, "1h"u8);
        }
        writer.WriteEndObject();
    }

    /// <param name="temperatureMost">Where the protocol's scale ends.</param>
    /// <param name="stop">The protocol's name of stop sequences.</param>
    public static void WriteSampling(Utf8JsonWriter writer, ChatCall call, CallWishes wishes,
        double temperatureMost, string stop)
    {
        if (call.Temperature is { } temperature && !wishes.Omits("temperature"))
        {
            writer.WriteNumber("temperature"u8, Math.Min(temperature, temperatureMost));
        }
        if (call.TopP is { } topP && !wishes.Omits("top_p"))
        {
            writer.WriteNumber("top_p"u8, topP);
        }
        if (call.Stop.IsEmpty || wishes.Omits(stop))
        {
            return;
        }
        writer.WriteStartArray(stop);
        foreach (var sequence in call.Stop)
        {
            writer.WriteStringValue(sequence);
        }
        writer.WriteEndArray();
    }

    /// <summary>Writes what was read without being understood, but for what the model refuses.</summary>
    public static void WriteRest(Utf8JsonWriter writer, IEnumerable<RestMember> rest, CallWishes wishes)
    {
        foreach (var member in rest)
        {
            if (!wishes.Omits(member.Name))
            {
                writer.WritePropertyName(member.Name);
                writer.Raw(member.Json);
            }
        }
    }

    public static RestMember Rest(ref JsonCursor cursor, ICollection<RestMember> seen)
    {
        Bound(ref cursor, seen.Count + 1, ProtocolLimits.MembersMax, "members");
        var name = cursor.Name();
        return new(name, cursor.Raw());
    }

    public static void Bound(ref JsonCursor cursor, int count, int most, string unit)
    {
        if (count > most)
        {
            throw ProtocolErrors.TooLarge(cursor.Place(cursor.Start), most, unit);
        }
    }

    /// <summary>A member that must be there.</summary>
    public static T Needed<T>(ref JsonCursor cursor, T? value, int objectAt, string name)
        where T : class =>
        value ?? throw cursor.Malformed(objectAt, $"a member {name}", "none");

    /// <summary>The image of an address or of a data address.</summary>
    public static ImagePart Image(ref JsonCursor cursor, string address, string? detail)
    {
        const string Base64 = ";base64,";
        if (!address.StartsWith("data:", StringComparison.OrdinalIgnoreCase))
        {
            return new(address, null, detail);
        }
        var at = address.IndexOf(Base64, StringComparison.OrdinalIgnoreCase);
        return at > 5
            ? new(address[(at + Base64.Length)..], address[5..at], detail)
            : throw cursor.Wrong("an address, or data:TYPE;base64,…");
    }
}
