using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Errors;

namespace Aegis.Core.Profiles;

/// <summary>Reads the fields of one map strictly: a field that nobody asked for is an error, and so is a
/// value of the wrong kind. Errors are collected, so that a file is mended in one go.</summary>
internal sealed class YamlFields
{
    internal const string SeeProfile = "see docs/profile.md";

    private readonly List<Diagnostic> _errors;
    private readonly Dictionary<string, YamlValue> _values = new(StringComparer.Ordinal);
    private readonly string _where;
    private readonly YamlValue _node;

    private YamlFields(YamlMap map, string where, List<Diagnostic> errors)
    {
        (_node, _where, _errors) = (map, where, errors);
        foreach (var (key, value) in map.Entries)
        {
            _values[key.Text] = value;
        }
    }

    /// <summary>The map's fields, or null with an error where the value is no map or holds an unknown
    /// key.</summary>
    public static YamlFields? Of(YamlValue value, string where, List<Diagnostic> errors,
        params string[] known)
    {
        if (value is not YamlMap map)
        {
            Wrong(errors, value, where, "a map of " + string.Join(", ", known));
            return null;
        }
        foreach (var (key, _) in map.Entries.Where(e => !known.Contains(e.Key.Text, StringComparer.Ordinal)))
        {
            errors.Add(new(key.At, new("AEGIS2313", $"unknown key {key.Text} in {where}",
                string.Join(", ", known), Shown(key), NearestName.Of(key.Text, known) is { } near
                    ? $"did you mean {near}?" : "mend the name or remove the key")));
        }
        return new YamlFields(map, where, errors);
    }

    public static void Wrong(List<Diagnostic> errors, YamlValue value, string where, string expected) =>
        errors.Add(new(value.At, new("AEGIS2314", $"{where} has the wrong kind of value", expected,
            Shown(value), SeeProfile)));

    public YamlValue? Value(string name) =>
        _values.GetValueOrDefault(name) is { } value and not YamlScalar { IsNull: true } ? value : null;

    public string? Text(string name, int lengthMax = 1024)
    {
        if (Value(name) is not { } value)
        {
            return null;
        }
        if (value is YamlScalar scalar && scalar.Text.Length <= lengthMax)
        {
            return scalar.Text;
        }
        Wrong(_errors, value, $"{_where}.{name}", $"text of at most {lengthMax} characters");
        return null;
    }

    public string? Required(string name, int lengthMax = 1024)
    {
        Need(name);
        return Text(name, lengthMax);
    }

    /// <summary>An error where it is not named, whatever its kind.</summary>
    public void Need(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (Value(name) is null)
            {
                _errors.Add(new(_node.At, new("AEGIS2315", $"{_where} lacks {name}", name, "nothing",
                    $"add {name}: …")));
            }
        }
    }

    public long? Integer(string name, long min, long max) =>
        Number(name, min, max, "a whole number") is { } number && number == Math.Floor(number) ? (long)number
            : Refused<long>(name, $"a whole number from {min} to {max}");

    public decimal? Number(string name, decimal min, decimal max, string kind = "a number")
    {
        if (Value(name) is not { } value)
        {
            return null;
        }
        if (value is YamlScalar { Quoted: false } scalar
            && decimal.TryParse(scalar.Text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Number
                & ~NumberStyles.AllowThousands, CultureInfo.InvariantCulture, out var number)
            && number >= min && number <= max)
        {
            return number;
        }
        Wrong(_errors, value, $"{_where}.{name}", $"{kind} from {min} to {max}");
        _values.Remove(name);
        return null;
    }

    /// <summary>False where it is not named.</summary>
    public bool Flag(string name) => Choice(name) ?? false;

    /// <summary>Null where it is not named.</summary>
    public bool? Choice(string name)
    {
        if (Value(name) is not { } value)
        {
            return null;
        }
        if (value is YamlScalar { Quoted: false, Text: "true" or "false" } flag)
        {
            return flag.Text == "true";
        }
        Wrong(_errors, value, $"{_where}.{name}", "true or false");
        return null;
    }

    /// <summary>One of a few words; null where it is not named or is none of them.</summary>
    public T? Word<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        if (Value(name) is not { } value)
        {
            return null;
        }
        if (value is YamlScalar word && words.TryGetValue(word.Text, out var known))
        {
            return known;
        }
        Wrong(_errors, value, $"{_where}.{name}", "one of " + string.Join(", ", words.Keys.Order()));
        return null;
    }

    /// <summary>A list of such words, each once; empty where it is not named.</summary>
    public ImmutableArray<T> Words<T>(string name, IReadOnlyDictionary<string, T> words)
        where T : struct
    {
        var found = ImmutableArray.CreateBuilder<T>();
        foreach (var item in Items(name))
        {
            if (item is YamlScalar word && words.TryGetValue(word.Text, out var known)
                && !found.Contains(known))
            {
                found.Add(known);
                continue;
            }
            Wrong(_errors, item, $"{_where}.{name}",
                "each once of " + string.Join(", ", words.Keys.Order()));
        }
        return found.ToImmutable();
    }

    /// <summary>Each entry of a map whose keys are free, at most 1,000.</summary>
    public IEnumerable<(string Name, YamlValue Value)> Entries(string name)
    {
        if (Value(name) is not { } value)
        {
            yield break;
        }
        if (value is not YamlMap { Entries.Count: <= 1_000 } map)
        {
            Wrong(_errors, value, $"{_where}.{name}", "a map of at most 1000 entries");
            yield break;
        }
        foreach (var (key, entry) in map.Entries)
        {
            yield return (key.Text, entry);
        }
    }

    public IEnumerable<YamlValue> Items(string name)
    {
        if (Value(name) is not { } value)
        {
            return [];
        }
        if (value is YamlList { Items.Count: <= 1_000 } list)
        {
            return list.Items;
        }
        Wrong(_errors, value, $"{_where}.{name}", "a list of at most 1000 entries");
        return [];
    }

    private T? Refused<T>(string name, string expected)
        where T : struct
    {
        if (Value(name) is { } value)
        {
            Wrong(_errors, value, $"{_where}.{name}", expected);
        }
        return null;
    }

    private static string Shown(YamlValue value) => value switch
    {
        YamlScalar scalar => scalar.Text.Length > 60 ? scalar.Text[..60] + "…" : scalar.Text,
        YamlList => "a list",
        _ => "a map",
    };
}
