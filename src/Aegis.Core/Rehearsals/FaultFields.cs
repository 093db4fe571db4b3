using System.Collections.Immutable;
using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Rehearsals;

/// <summary>Reads the faults of a rehearsal, or of one of its turns.</summary>
internal static class FaultFields
{
    public static readonly string[] PlaceKeys = ["role", "turn", "provider", "model", "try"];
    public static readonly string[] TurnPlaceKeys = ["provider", "model", "try"];

    internal static readonly Dictionary<string, GarbageKind> GarbageKinds = new()
    {
        ["page"] = GarbageKind.Page,
        ["broken_json"] = GarbageKind.BrokenJson,
        ["wrong_form"] = GarbageKind.WrongForm,
    };

    // in the order in which a file is said to name them
    internal static readonly (string Key, FaultKind Kind)[] Kinds =
    [
        ("status", FaultKind.Status),
        ("timeout", FaultKind.Timeout),
        ("unreachable", FaultKind.Unreachable),
        ("disconnect", FaultKind.Disconnect),
        ("disconnect_after", FaultKind.DisconnectAfter),
        ("truncate_after", FaultKind.TruncateAfter),
        ("silent_after", FaultKind.SilentAfter),
        ("error_after", FaultKind.ErrorAfter),
        ("garbage_after", FaultKind.GarbageAfter),
        ("garbage", FaultKind.Garbage),
    ];

    private const int TriesMax = 100;
    private const int CountMax = 10_000_000;
    private const int WaitSecondsMax = 3600;
    private const int WaitMsMax = WaitSecondsMax * 1000;

    public static ImmutableArray<RehearsedFault> Read(YamlFields from, string where, string[] placeKeys,
        List<Diagnostic> errors)
    {
        var items = from.Items("faults").ToList();
        if (items.Count > RehearsalFile.FaultsMax)
        {
            YamlFields.Wrong(errors, from.Value("faults")!, where,
                $"a list of at most {RehearsalFile.FaultsMax} faults");
        }
        return [.. items.Select(item => Fault(item, placeKeys, errors)).OfType<RehearsedFault>()];
    }

    private static RehearsedFault? Fault(YamlValue item, string[] placeKeys, List<Diagnostic> errors)
    {
        string[] known = ["at", .. Kinds.Select(kind => kind.Key), "retry_after", "slow"];
        if (YamlFields.Of(item, "faults", errors, known) is not { } fields)
        {
            return null;
        }
        var named = Kinds.Where(kind => fields.Value(kind.Key) is not null).ToList();
        if (named.Count > 1 || (named.Count == 0 && fields.Value("slow") is null))
        {
            YamlFields.Wrong(errors, item, "faults",
                $"one of {string.Join(", ", Kinds.Select(kind => kind.Key))}; slow may stand beside it");
            return null;
        }
        var (key, kind) = named.FirstOrDefault();
        if (kind != FaultKind.Status && fields.Value("retry_after") is { } after)
        {
            YamlFields.Wrong(errors, after, "faults.retry_after", "nothing, since there is no status");
        }
        var fault = Kind(fields, key, kind, errors) with { At = Place(fields, placeKeys, errors) };
        return Slow(fields, errors) is { } slow
            ? fault with { First = slow.First, Between = slow.Between } : fault;
    }

    private static RehearsedFault Kind(YamlFields fields, string? key, FaultKind kind,
        List<Diagnostic> errors)
    {
        var fault = new RehearsedFault(kind, FaultPlace.Everywhere);
        switch (kind)
        {
            case FaultKind.None:
                return fault;
            case FaultKind.Status:
                return fault with
                {
                    Status = (int)(fields.Integer("status", 300, 599) ?? 0),
                    RetryAfter = fields.Number("retry_after", 0, WaitSecondsMax) is { } seconds
                        ? TimeSpan.FromSeconds((double)seconds) : null,
                };
            case FaultKind.Garbage:
                return fault with { Garbage = fields.Word("garbage", GarbageKinds) ?? default };
            case FaultKind.Timeout or FaultKind.Unreachable or FaultKind.Disconnect:
                if (fields.Choice(key!) == false)
                {
                    YamlFields.Wrong(errors, fields.Value(key!)!, $"faults.{key}", "true");
                }
                return fault;
            default:
                return fault with { After = Point(fields, key!, errors) };
        }
    }

    private static FaultPoint Point(YamlFields fields, string key, List<Diagnostic> errors)
    {
        if (fields.Value(key) is YamlScalar scalar && scalar.Text.Split(' ') is [var count, var unit]
            && unit is "event" or "events" or "byte" or "bytes"
            && int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var number)
            && number <= CountMax)
        {
            return new(number, unit[0] == 'e');
        }
        YamlFields.Wrong(errors, fields.Value(key)!, $"faults.{key}",
            $"a number up to {CountMax} and events or bytes, such as 2 events");
        return default;
    }

    private static (TimeSpan First, TimeSpan Between)? Slow(YamlFields fault, List<Diagnostic> errors)
    {
        if (fault.Value("slow") is not { } value
            || YamlFields.Of(value, "faults.slow", errors, "first_ms", "between_ms") is not { } fields)
        {
            return null;
        }
        if (fields.Value("first_ms") is null && fields.Value("between_ms") is null)
        {
            YamlFields.Wrong(errors, value, "faults.slow", "first_ms, between_ms or both");
        }
        return (Wait("first_ms"), Wait("between_ms"));

        TimeSpan Wait(string name) =>
            TimeSpan.FromMilliseconds((double)(fields.Number(name, 0, WaitMsMax) ?? 0));
    }

    private static FaultPlace Place(YamlFields fault, string[] keys, List<Diagnostic> errors)
    {
        if (fault.Value("at") is not { } value
            || YamlFields.Of(value, "faults.at", errors, keys) is not { } fields)
        {
            return FaultPlace.Everywhere;
        }
        return new(fields.Text("role", 64), (int?)fields.Integer("turn", 1, 10_000),
            fields.Text("provider", 256), fields.Text("model", 256), Tries(fields, errors));
    }

    private static ImmutableArray<int> Tries(YamlFields place, List<Diagnostic> errors)
    {
        if (place.Value("try") is not YamlList list)
        {
            return place.Integer("try", 1, TriesMax) is { } one ? [(int)one] : [];
        }
        var tries = ImmutableArray.CreateBuilder<int>();
        foreach (var item in list.Items)
        {
            if (item is YamlScalar scalar && int.TryParse(scalar.Text, NumberStyles.None,
                CultureInfo.InvariantCulture, out var nth) && nth is >= 1 and <= TriesMax)
            {
                tries.Add(nth);
                continue;
            }
            YamlFields.Wrong(errors, item, "faults.at.try", $"a whole number from 1 to {TriesMax}");
        }
        return tries.ToImmutable();
    }
}
