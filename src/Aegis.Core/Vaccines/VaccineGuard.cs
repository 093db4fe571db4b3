using System.Collections.Immutable;

namespace Aegis.Core.Vaccines;

/// <summary>
/// The vaccines with a check that bind a project, ready to be asked before an act. Asking a model whether
/// code repeats a mistake was rejected: it is slow, costs, and answers differently each time. A file is read
/// once for all checks; which of them look at it at all is decided by its path.
/// </summary>
public sealed class VaccineGuard
{
    private readonly ImmutableArray<(Vaccine Vaccine, VaccineCheck Check)> ofFiles;
    private readonly ImmutableArray<(Vaccine Vaccine, VaccineCheck Check)> ofCommands;

    private VaccineGuard(ImmutableArray<Vaccine> active)
    {
        Vaccines = active;
        ImmutableArray<(Vaccine Vaccine, VaccineCheck Check)> all =
            [.. active.Where(v => v.Check is not null).Select(v => (v, v.Check!))];
        ofFiles = [.. all.Where(v => v.Check.ReadsFiles)];
        ofCommands = [.. all.Where(v => v.Check.ReadsCommands)];
    }

    public static VaccineGuard None { get; } = new([]);

    /// <summary>The graver ones first.</summary>
    public ImmutableArray<Vaccine> Vaccines { get; }

    public bool IsEmpty => ofFiles.IsEmpty && ofCommands.IsEmpty;

    /// <summary>Whether any check looks at files.</summary>
    public bool ReadsFiles => !ofFiles.IsEmpty;

    public static VaccineGuard Of(IEnumerable<Vaccine> vaccines)
    {
        ImmutableArray<Vaccine> active = [.. vaccines.Where(v => v.Status == VaccineStatus.Active)
            .OrderByDescending(v => v.Severity).ThenBy(v => v.Id, StringComparer.Ordinal)];
        return active.IsEmpty ? None : new VaccineGuard(active);
    }

    /// <summary>Whether a file of that path is looked at by any check.</summary>
    public bool Reads(string path) => ofFiles.Any(v => v.Check.Covers(path, v.Vaccine.Language));

    public VaccineStop? Against(IEnumerable<ProposedFile> files)
    {
        if (ofFiles.IsEmpty)
        {
            return null;
        }
        foreach (var file in files)
        {
            if (Against(file) is { } stop)
            {
                return stop;
            }
        }
        return null;
    }

    public VaccineStop? Against(string? commandLine)
    {
        if (commandLine is null || ofCommands.IsEmpty)
        {
            return null;
        }
        var line = new ReadCommand(commandLine);
        foreach (var (vaccine, check) in ofCommands)
        {
            if (check.Find(line) is { } hit)
            {
                return new VaccineStop(vaccine, null, hit);
            }
        }
        return null;
    }

    private VaccineStop? Against(ProposedFile file)
    {
        ReadFile? read = null;
        foreach (var (vaccine, check) in ofFiles)
        {
            if (check.Covers(file.Path, vaccine.Language)
                && check.Find(read ??= new ReadFile(file)) is { } hit)
            {
                return new VaccineStop(vaccine, file.Path, hit);
            }
        }
        return null;
    }
}
