using System.Collections.Immutable;
using Aegis.Core.RepoMaps;
using Aegis.Gate;
using Aegis.Tools.RepoMaps;

namespace Aegis.Tools.Tests;

/// <summary>Which tests a change asks for.</summary>
/// <param name="Files">Test files to run; none means all.</param>
/// <param name="Why">Why all are run.</param>
public sealed record TestSelection(ImmutableArray<string> Files, string? Why = null)
{
    public const int FilesMax = 200;

    public bool IsAll => Files.IsEmpty;

    /// <summary>By the import graph of the folder, where the runner takes files.</summary>
    /// <param name="changed">Paths relative to the folder.</param>
    internal static async ValueTask<TestSelection> OfAsync(string cwd, ImmutableArray<string> changed,
        TestFramework framework, Execution execution, CancellationToken cancel)
    {
        if (framework.Selects is null)
        {
            return new([], $"{framework.Name} takes no test files");
        }
        var (listing, error) = await SourceReading.ListAsync(cwd, execution, cancel);
        if (listing is null || error is not null)
        {
            return new([], error!.Message);
        }
        if (listing.Skipped > 0)
        {
            return new([], $"{listing.Skipped} files are beyond what is read");
        }
        (var files, error) = await SourceReading.ReadAsync(cwd, listing, execution, cancel);
        if (error is not null)
        {
            return new([], error.Message);
        }
        var tests = AffectedTests.Of(ImportGraph.Of(files), changed);
        return tests switch
        {
            [] => new([], "no test is known to import what changed"),
            { Length: > FilesMax } => new([], $"{tests.Length} test files import what changed"),
            _ when tests.Any(t => t.StartsWith('-')) => new([], "a test file's name looks like an option"),
            _ => new(tests),
        };
    }
}
