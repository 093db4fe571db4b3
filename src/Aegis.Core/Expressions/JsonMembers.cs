using System.Globalization;
using System.Text.Json;

namespace Aegis.Core.Expressions;

/// <summary>A JSON object as GitHub's library sees it through JavaScript: whole numbers among the names come
/// first in their order, of two equal names the last one's value counts, of names that differ in case alone
/// the first one is kept.</summary>
internal sealed class JsonMembers(JsonElement json) : IExpressionObject
{
    private readonly JsonElement json = json;

    // a value is equal to itself only, as GitHub has it; the same place of the same document is the same
    // value
    public override bool Equals(object? obj) => obj is JsonMembers other && json.Equals(other.json);

    public override int GetHashCode() => json.GetHashCode();

    public ExpressionValue? Get(string name)
    {
        string? kept = null;
        JsonElement found = default;
        foreach (var member in json.EnumerateObject())
        {
            if (kept is null ? LetterCase.AreSameName(member.Name, name) : member.NameEquals(kept))
            {
                kept ??= member.Name;
                found = member.Value;
            }
        }
        return kept is null ? null : ExpressionValue.FromJson(found);
    }

    public IEnumerable<KeyValuePair<string, ExpressionValue>> Entries()
    {
        var places = new Dictionary<string, int>(StringComparer.Ordinal);
        var members = new List<(string Name, JsonElement Value)>();
        foreach (var member in json.EnumerateObject())
        {
            if (places.TryAdd(member.Name, members.Count))
            {
                members.Add((member.Name, member.Value));
            }
            else
            {
                members[places[member.Name]] = (member.Name, member.Value);
            }
        }
        var seen = new HashSet<string>(StringComparer.Ordinal);
        return InOrder(members).Where(m => seen.Add(LetterCase.Lower(m.Name)))
            .Select(m => KeyValuePair.Create(m.Name, ExpressionValue.FromJson(m.Value))).ToList();
    }

    private static IEnumerable<(string Name, JsonElement Value)> InOrder(
        List<(string Name, JsonElement Value)> members) =>
        members.Any(m => IndexOf(m.Name) is not null)
            ? members.OrderBy(m => IndexOf(m.Name) ?? uint.MaxValue)
            : members;

    // ECMAScript's array index: an integer below 2^32 - 1, written in the one canonical way
    private static uint? IndexOf(string name) =>
        name.Length is > 0 and <= 10 && (name[0] != '0' || name.Length == 1)
        && uint.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var index)
        && index != uint.MaxValue
            ? index
            : null;
}
