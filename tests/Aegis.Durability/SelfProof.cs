using Aegis.Durability.Line;
using Aegis.Durability.Points;
using Aegis.Durability.Product;
using Aegis.Durability.Proxy;

namespace Aegis.Durability;

/// <summary>Proves the judges: a server without the fence, one that acts before the act is a fact, and one
/// that asks a model again although its reply is a fact must be found out, each for its own fault.</summary>
internal static class SelfProof
{
    private const string AskAgain = "ask-again";

    private static readonly (string Name, string Project, string Fault)[] Sabotages =
    [
        ("fence", "Aegis.Ledger", Fault.FencedWrite),
        ("call-first", "Aegis.Gate", Fault.ActBeforeFact),
        (AskAgain, "Aegis.Engine", Fault.Doubled),
    ];

    public static async Task<int> RunAsync(HarnessOptions options)
    {
        var failed = 0;
        foreach (var (name, _, _) in Sabotages)
        {
            failed += await RunOneAsync(options, name) == 1 ? 0 : 1;
        }
        Console.WriteLine($"self-proof: {Sabotages.Length - failed} passed, {failed} failed");
        return failed == 0 ? 0 : 1;
    }

    /// <returns>1 where the harness found the sabotage out, as it must; 0 where it did not.</returns>
    public static async Task<int> RunOneAsync(HarnessOptions options, string name)
    {
        var (_, project, fault) = Sabotages.FirstOrDefault(s => s.Name == name) is { Name: not null } known
            ? known
            : throw new ArgumentException($"--sabotage takes fence, call-first or ask-again; got: {name}");
        var folder = Places.NewFolder();
        try
        {
            var server = options.Server ?? await BuildAsync(folder, name, project);
            var found = (await FaultsAsync(options, name, folder, server)).Any(f => f.Code == fault);
            Console.WriteLine($"{(found ? "ok  " : "FAIL")} sabotage {name}: the harness "
                + (found ? $"found {fault}" : $"did not find {fault}"));
            return found ? 1 : 0;
        }
        finally
        {
            await Harness.RemoveAsync(folder);
        }
    }

    private static async Task<IEnumerable<Fault>> FaultsAsync(
        HarnessOptions options, string name, string folder, string server)
    {
        if (name == AskAgain)
        {
            // a builder's turn whose reply is a fact and whose calls are not made yet
            var struck = new LineBlow(LinePlace.Reply, 4, Moment.AfterAnswer, TimeSpan.Zero);
            return (await LineHarness.PlayAllAsync(options, Path.Combine(folder, "line"), server, struck))
                .SelectMany(r => r.Faults);
        }
        var result = name == "fence"
            ? await Harness.RunAsync(options, server, zombiesOnly: true)
            : await Harness.RunAsync(options, server, p => p.Sign is Sign.Gate or Sign.Branch or Sign.Pull
                && !p.Again);
        return result.Results.SelectMany(r => r.Faults);
    }

    /// <summary>A copy of the server in which one assembly was compiled with the sabotage.</summary>
    private static async Task<string> BuildAsync(string folder, string name, string project)
    {
        Console.WriteLine($"building {project} with the sabotage {name}");
        var made = Path.Combine(folder, "made");
        await Command.RunAsync("dotnet", ["build", Path.Combine(Places.Root, "src", project), "-c", "Release",
            "-nologo", "-v", "quiet", "-nodeReuse:false", "--artifacts-path", made,
                $"-p:AegisSabotage={name}",
            "-p:RunAnalyzers=false"]);
        var server = Path.Combine(folder, "server");
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(Places.ServerAssembly())!, "*",
            SearchOption.AllDirectories))
        {
            var target = Path.Combine(
                server, Path.GetRelativePath(Path.GetDirectoryName(Places.ServerAssembly())!, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
        File.Copy(Path.Combine(made, "bin", project, "release", project + ".dll"),
            Path.Combine(server, project + ".dll"), overwrite: true);
        return Path.Combine(server, "Aegis.Server.dll");
    }
}
