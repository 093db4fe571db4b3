using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using Aegis.Core.Errors;
using Aegis.Server.Problems;

namespace Aegis.Server.OpenApi;

/// <summary>A bound of a member, shown in its schema; of a request's member it is held when the body is
/// read.</summary>
[AttributeUsage(AttributeTargets.Property)]
public abstract class BoundAttribute : Attribute
{
    /// <summary>The bound in words, for a refusal.</summary>
    public abstract string Words { get; }

    public abstract bool Holds(object value);

    internal abstract void AddTo(JsonObject schema);
}

/// <summary>One of these words, which stand in one text between spaces.</summary>
public sealed class OneOfAttribute(string words) : BoundAttribute
{
    public override string Words => words.Replace(" ", ", ", StringComparison.Ordinal);

    public override bool Holds(object value) => words.Split(' ').Contains(value as string);

    internal override void AddTo(JsonObject schema) =>
        schema["enum"] = new JsonArray([.. words.Split(' ').Select(w => (JsonNode)w)]);
}

/// <summary>A text of so many characters.</summary>
public sealed class CharsAttribute(int min, int max) : BoundAttribute
{
    public int Min => min;

    public int Max => max;

    public override string Words => $"{min} to {max} characters";

    public override bool Holds(object value) =>
        value is string text && text.Length >= min && text.Length <= max;

    internal override void AddTo(JsonObject schema) =>
        (schema["minLength"], schema["maxLength"]) = (min, max);
}

/// <summary>A whole number within bounds, which are taken too.</summary>
public sealed class NumbersAttribute(int min, int max) : BoundAttribute
{
    public int Min => min;

    public int Max => max;

    public override string Words => $"{min} to {max}";

    public override bool Holds(object value) => value is int number && number >= min && number <= max;

    internal override void AddTo(JsonObject schema) =>
        (schema["minimum"], schema["maximum"]) = (min, max);
}

/// <summary>A number from 0 to 1.</summary>
public sealed class ShareAttribute : BoundAttribute
{
    public override string Words => "0 to 1";

    public override bool Holds(object value) => value is double and >= 0 and <= 1;

    internal override void AddTo(JsonObject schema) => (schema["minimum"], schema["maximum"]) = (0, 1);
}

/// <summary>An id that a caller makes: see <see cref="Core.IdRule"/>.</summary>
public sealed class IdAttribute : BoundAttribute
{
    public const string Pattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";

    public override string Words => "1 to 64 characters of [A-Za-z0-9._-], the first a letter or digit";

    public override bool Holds(object value) => value is string text && Core.IdRule.IsValid(text);

    internal override void AddTo(JsonObject schema) => schema["pattern"] = Pattern;
}

/// <summary>A list or map of so many items.</summary>
public sealed class ItemsAttribute(int min, int max) : BoundAttribute
{
    public int Min => min;

    public int Max => max;

    public override string Words => $"{min} to {max} items";

    public override bool Holds(object value) =>
        value is System.Collections.ICollection items && items.Count >= min && items.Count <= max;

    internal override void AddTo(JsonObject schema)
    {
        var what = (string?)(schema["type"] as JsonValue) == "object" ? "Properties" : "Items";
        (schema[$"min{what}"], schema[$"max{what}"]) = (min, max);
    }
}

internal static class Bounds
{
    /// <summary>A longer text is shown by its length.</summary>
    private const int GotCharsMax = 100;

    private static readonly ConditionalWeakTable<JsonTypeInfo, Bounded[]> Known = [];

    /// <summary>Holds a body against the bounds of its members; AEGIS6030 names the first that is out of
    /// them. A member that is null was not sent.</summary>
    public static void Check(object body, JsonTypeInfo type)
    {
        foreach (var (member, get, bound) in Known.GetValue(type, Find))
        {
            if (get(body) is { } value && !bound.Holds(value))
            {
                throw new AegisException(
                    DoorErrors.Malformed($"{member} is out of bounds", bound.Words, Shown(value)) with
                    {
                        Place = new ErrorPlace(ErrorPlace.Step(member)),
                    });
            }
        }
    }

    public static void AddTo(JsonObject schema, ICustomAttributeProvider member)
    {
        foreach (var bound in Of(member))
        {
            bound.AddTo(schema);
        }
    }

    private static IEnumerable<BoundAttribute> Of(ICustomAttributeProvider? member) =>
        member?.GetCustomAttributes(typeof(BoundAttribute), true).Cast<BoundAttribute>() ?? [];

    private static Bounded[] Find(JsonTypeInfo type) =>
        [
            .. type.Properties.SelectMany(p => Of(p.AttributeProvider)
                .Select(b => new Bounded(p.Name, p.Get!, b))),
        ];

    private static string Shown(object value) => value switch
    {
        string { Length: <= GotCharsMax } text => text,
        string text => $"{text.Length} characters",
        System.Collections.ICollection items => $"{items.Count} items",
        _ => $"{value}",
    };

    private sealed record Bounded(string Member, Func<object, object?> Get, BoundAttribute Bound);
}
