using System.Text.Json;

namespace Aegis.Core.Expressions;

/// <summary>A value of GitHub Actions' expression language: null, boolean, number (IEEE double), string,
/// array, object. Property names compare without case.</summary>
public abstract record ExpressionValue
{
    private ExpressionValue()
    {
    }

    public static ExpressionValue Null { get; } = new NullValue();
    public static ExpressionValue True { get; } = new BooleanValue(true);
    public static ExpressionValue False { get; } = new BooleanValue(false);

    public sealed record NullValue : ExpressionValue;
    public sealed record BooleanValue(bool Value) : ExpressionValue;
    public sealed record NumberValue(double Value) : ExpressionValue;
    public sealed record StringValue(string Value) : ExpressionValue;
    public sealed record ArrayValue(IReadOnlyList<ExpressionValue> Items) : ExpressionValue;

    /// <summary>An object whose members may be computed when asked for.</summary>
    public sealed record ObjectValue(IExpressionObject Members) : ExpressionValue;

    public static ExpressionValue Of(bool value) => value ? True : False;

    public static ExpressionValue Of(string? value) => value is null ? Null : new StringValue(value);

    public static ExpressionValue Of(double value) => new NumberValue(value);

    public static ExpressionValue FromJson(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.True => True,
        JsonValueKind.False => False,
        JsonValueKind.Number => new NumberValue(json.GetDouble()),
        JsonValueKind.String => new StringValue(json.GetString()!),
        JsonValueKind.Array => new ArrayValue(new JsonItems(json)),
        JsonValueKind.Object => new ObjectValue(new JsonMembers(json)),
        _ => Null,
    };

    // a value is equal to itself only, as GitHub has it; the same place of the same document is the same
    // value
    private sealed class JsonItems(JsonElement json) : IReadOnlyList<ExpressionValue>
    {
        private readonly JsonElement json = json;

        public int Count { get; } = json.GetArrayLength();

        public ExpressionValue this[int index] => FromJson(json[index]);

        public IEnumerator<ExpressionValue> GetEnumerator() =>
            json.EnumerateArray().Select(FromJson).GetEnumerator();

        System.Collections.IEnumerator System.Collections.IEnumerable.GetEnumerator() => GetEnumerator();

        public override bool Equals(object? obj) => obj is JsonItems other && json.Equals(other.json);

        public override int GetHashCode() => json.GetHashCode();
    }
}

/// <summary>The members of an object value; a port that the run core fills with its steps.</summary>
public interface IExpressionObject
{
    /// <summary>The member of that name (without case), or null where there is none.</summary>
    ExpressionValue? Get(string name);

    IEnumerable<KeyValuePair<string, ExpressionValue>> Entries();
}
