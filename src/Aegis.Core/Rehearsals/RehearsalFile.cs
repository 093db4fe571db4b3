using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;

namespace Aegis.Core.Rehearsals;

/// <summary>How a request finds its turn.</summary>
public enum RehearsalMode
{
    /// <summary>By the role, its turn, and the newest message of the user.</summary>
    Turns,

    /// <summary>By everything that it says.</summary>
    Strict,
}

/// <summary>A conversation that stands in for a model: words that were written by hand (<c>scripted</c>) or
/// recorded from a real one. Used only where a profile names it, and its origin shows in every
/// reply.</summary>
public sealed record RehearsalFile(string Origin, ImmutableArray<RehearsedTurn> Turns)
{
    public const string Scripted = "scripted";
    public const string Recorded = "recorded";

    /// <summary>Characters of a file.</summary>
    public const int CharsMax = 4 * 1024 * 1024;

    /// <summary>Characters of a reply, and of any other text of it.</summary>
    public const int ReplyCharsMax = 256 * 1024;

    /// <summary>Turns of a file.</summary>
    public const int TurnsMax = 1_000;

    /// <summary>Faults of a file, and of a turn.</summary>
    public const int FaultsMax = 200;

    internal static readonly Dictionary<string, RehearsalMode> Modes = new()
    {
        ["turns"] = RehearsalMode.Turns,
        ["strict"] = RehearsalMode.Strict,
    };

    public RehearsalMode Mode { get; init; }

    /// <summary>What goes wrong, wherever it says.</summary>
    public ImmutableArray<RehearsedFault> Faults { get; init; } = [];

    /// <summary>Reads the file; every error at once.</summary>
    public static ParseResult<RehearsalFile> Parse(string text, string fileName)
    {
        var errors = new List<Diagnostic>();
        var root = YamlSource.Load(text, fileName, CharsMax, errors);
        if (root is null || YamlFields.Of(root, "the rehearsal", errors, "origin", "mode", "turns", "faults")
            is not { } fields)
        {
            if (errors.Count == 0)
            {
                errors.Add(new(new(fileName, 1, 1), new("AEGIS2315", "the rehearsal is empty",
                    "origin and turns", Mend: "see docs/rehearsals.md")));
            }
            return new(null, [.. errors]);
        }
        var origin = fields.Required("origin");
        if (origin is not (null or Scripted or Recorded))
        {
            YamlFields.Wrong(errors, fields.Value("origin")!, "origin", "scripted or recorded");
        }
        var mode = fields.Word("mode", Modes) ?? RehearsalMode.Turns;
        var turns = new TurnFields(errors, mode);
        var read = new RehearsalFile(origin ?? "", [.. fields.Items("turns").Select(turns.Read)
            .OfType<RehearsedTurn>()])
        {
            Mode = mode,
            Faults = FaultFields.Read(fields, "faults", FaultFields.PlaceKeys, errors),
        };
        return errors.Count == 0 ? new(read, []) : new(null, [.. errors]);
    }
}
