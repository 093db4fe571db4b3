using System.Collections.Immutable;
using Aegis.Core.Discovery;
using Aegis.Discovery.Programs;
using Aegis.Processes;

namespace Aegis.Discovery.Tests.Support;

/// <summary>A folder of shell scripts that stands on a PATH.</summary>
internal sealed class ProgramFolder : IDisposable
{
    private const UnixFileMode Ours = UnixFileMode.UserRead | UnixFileMode.UserWrite
        | UnixFileMode.UserExecute | UnixFileMode.GroupRead | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    private readonly ProcessLauncher launcher = new();

    public ProgramFolder()
    {
        File.SetUnixFileMode(Root, Ours);
        Directory.CreateDirectory(Bin, Ours);
    }

    public string Root { get; } = Directory.CreateTempSubdirectory("aegis-programs-").FullName;

    public string Bin => Path.Combine(Root, "bin");

    /// <summary>A file outside the folder of programs, for what they leave.</summary>
    public string Mark(string name) => Path.Combine(Root, name);

    public string Script(string name, string text, string? folder = null)
    {
        var path = Path.Combine(folder ?? Bin, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!, Ours);
        File.WriteAllText(path, $"#!/bin/sh\n{text}\n");
        File.SetUnixFileMode(path, Ours);
        return path;
    }

    /// <summary>Looks for tools of these names.</summary>
    public Task<ProgramsOfMachine> LookAsync(IEnumerable<string> names, string? path = null,
        SurveyTimes? times = null) =>
        LookAsync(new ProgramCatalogue(names.ToImmutableSortedDictionary(n => n, Known)), path, times);

    public Task<ProgramsOfMachine> LookAsync(
        ProgramCatalogue catalogue, string? path = null, SurveyTimes? times = null) =>
        new ProgramSurvey(launcher, TimeProvider.System, times ?? Patient)
            .LookAsync(catalogue, path ?? $"{Bin}:/usr/bin:/bin", default);

    public static KnownProgram Known(string name) => new(name, ProgramKind.Tool,
        ProgramCatalogue.BuiltIn.Programs["uv"].Says with
        {
            Match = ProgramCatalogue.BuiltIn.Programs["yq"].Says.Match,
        },
        new ProgramUse([name]), null, false, new Uri("https://example.com/"));

    public void Dispose()
    {
        launcher.Dispose();
        Directory.Delete(Root, recursive: true);
    }

    // a busy machine decides no test
    private static SurveyTimes Patient { get; } = new(TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1));
}
