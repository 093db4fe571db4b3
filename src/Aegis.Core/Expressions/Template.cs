using System.Buffers;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using Aegis.Core.Errors;

namespace Aegis.Core.Expressions;

/// <summary>Fills a step's <c>with</c> and <c>env</c>. A string that is exactly one expression becomes its
/// value with its type; any other gets each value as text. Names are never read. Under a key named <c>cmd</c>
/// the short form stays as it is, since <c>${HOME}</c> there is the shell's.</summary>
public static class Template
{
    /// <summary>The largest rendered value, in bytes.</summary>
    public const int TextMax = Expression.TextMax;

    public const string CommandKey = "cmd";

    private static readonly JsonWriterOptions Options = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = JsonText.DepthMax + 2,
    };

    public static bool HasExpressions(JsonElement template) => HasExpressions(template, readsShortForm: true);

    /// <summary>Of one member, whose name says whether the short form is read.</summary>
    public static bool HasExpressions(string member, JsonElement value) =>
        HasExpressions(value, readsShortForm: member != CommandKey);

    public static bool HasExpressions(string text) =>
        TemplateText.Parse(text, readsShortForm: true).HasExpressions;

    /// <summary>The template with every expression replaced; the same element where it has none.</summary>
    public static RenderResult Render(JsonElement template, ExpressionContext context)
    {
        if (!HasExpressions(template))
        {
            return new RenderResult(template, null);
        }
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Options);
        var error = Write(writer, template, context, readsShortForm: true, depth: 0);
        if (error is not null)
        {
            return new RenderResult(null, error);
        }
        writer.Flush();
        return buffer.WrittenCount > TextMax
            ? new RenderResult(null, TooLarge())
            : new RenderResult(JsonElement.Parse(buffer.WrittenSpan), null);
    }

    /// <summary>A string with each value put in as text, as <c>env</c> has it.</summary>
    public static RenderedText RenderText(string template, ExpressionContext context) =>
        Interpolate(TemplateText.Parse(template, readsShortForm: true), context);

    private static bool HasExpressions(JsonElement json, bool readsShortForm) => json.ValueKind switch
    {
        JsonValueKind.String => WellFormedText.TryGetText(json, out var text)
            && TemplateText.Parse(text, readsShortForm).HasExpressions,
        JsonValueKind.Array => json.EnumerateArray().Any(item => HasExpressions(item, readsShortForm)),
        JsonValueKind.Object => json.EnumerateObject().Any(
            m => HasExpressions(m.Value,
                readsShortForm && !(WellFormedText.TryGetName(m, out var name) && name == CommandKey))),
        _ => false,
    };

    private static AegisError? Write(Utf8JsonWriter writer, JsonElement json, ExpressionContext context,
        bool readsShortForm, int depth)
    {
        if (writer.BytesCommitted + writer.BytesPending > TextMax || depth > JsonText.DepthMax)
        {
            return TooLarge();
        }
        switch (json.ValueKind)
        {
            case JsonValueKind.Object:
                return WriteObject(writer, json, context, readsShortForm, depth);
            case JsonValueKind.Array:
                writer.WriteStartArray();
                foreach (var item in json.EnumerateArray())
                {
                    if (Write(writer, item, context, readsShortForm, depth + 1) is { } error)
                    {
                        return error;
                    }
                }
                writer.WriteEndArray();
                return null;
            case JsonValueKind.String:
                return WriteString(writer, json, context, readsShortForm, depth);
            default:
                json.WriteTo(writer);
                return null;
        }
    }

    private static AegisError? WriteObject(Utf8JsonWriter writer, JsonElement json, ExpressionContext context,
        bool readsShortForm, int depth)
    {
        writer.WriteStartObject();
        foreach (var member in json.EnumerateObject())
        {
            if (!WellFormedText.TryGetName(member, out var name))
            {
                return HalfPair();
            }
            writer.WritePropertyName(name);
            var reads = readsShortForm && name != CommandKey;
            if (Write(writer, member.Value, context, reads, depth + 1) is { } error)
            {
                return error;
            }
        }
        writer.WriteEndObject();
        return null;
    }

    private static AegisError? WriteString(Utf8JsonWriter writer, JsonElement json, ExpressionContext context,
        bool readsShortForm, int depth)
    {
        if (!WellFormedText.TryGetText(json, out var text))
        {
            return HalfPair();
        }
        var template = TemplateText.Parse(text, readsShortForm);
        if (template is { Fault: null, Parts: [{ Expression: { } only }] })
        {
            var result = only.Evaluate(context);
            return result.Error ?? (TryWrite(writer, result.Value!, depth) ? null : TooLarge());
        }
        var rendered = Interpolate(template, context);
        if (rendered.Error is null)
        {
            writer.WriteStringValue(rendered.Value);
        }
        return rendered.Error;
    }

    private static bool TryWrite(Utf8JsonWriter writer, ExpressionValue value, int depth)
    {
        var json = new StringBuilder();
        if (!JsonText.TryWrite(json, value, isIndented: false, depth))
        {
            return false;
        }
        writer.WriteRawValue(json.ToString(), skipInputValidation: true);
        return true;
    }

    private static RenderedText Interpolate(TemplateText template, ExpressionContext context)
    {
        if (template.Fault is { } fault)
        {
            return new RenderedText(null, fault.Error);
        }
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            var value = part.Literal;
            if (part.Expression is { } expression)
            {
                var result = expression.Evaluate(context);
                if (result.Error is not null)
                {
                    return new RenderedText(null, result.Error);
                }
                value = WellFormedText.Mended(Coercion.ToText(result.Value!));
            }
            if (text.Length + value!.Length > TextMax)
            {
                return new RenderedText(null, TooLarge());
            }
            text.Append(value);
        }
        return new RenderedText(text.ToString(), null);
    }

    private static AegisError TooLarge() => new("AEGIS1094", "the rendered value is too large or too deep",
        $"at most {TextMax} bytes and {JsonText.DepthMax} levels", null,
        "pass large values as files or artifacts");

    private static AegisError HalfPair() => new("AEGIS1096", "a string holds half of a surrogate pair",
        "well-formed text");
}

public readonly record struct RenderResult(JsonElement? Value, AegisError? Error);

public readonly record struct RenderedText(string? Value, AegisError? Error);
