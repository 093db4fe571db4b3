using System.Text;
using System.Text.RegularExpressions;
using Aegis.Core.Errors;
using Aegis.Processes;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>The files of installed Debian packages: those named, what is essential, and all that these need.
/// </summary>
internal static partial class DebianFiles
{
    private const int PathsMax = 500_000;

    public static async Task<IReadOnlyList<string>> OfAsync(ProcessLauncher launcher,
        IReadOnlyList<string> packages, CancellationToken cancel)
    {
        var table = await AskAsync(launcher, ["-W", "-f",
            "${Package}\t${Essential}\t${Pre-Depends}, ${Depends}\t${Provides}\t${db:Status-Status}\n"],
                cancel);
        var installed = table.Split('\n').Select(l => l.Split('\t')).Where(f => f is [_, _, _, _,
            "installed"])
            .DistinctBy(f => f[0]).ToDictionary(f => f[0]);
        var closure = Closure(installed, packages);
        var list = await AskAsync(launcher, ["-L", .. closure], cancel);
        return [.. list.Split('\n').Where(p => p.Length > 2 && p[0] == '/').Select(Merged)
            .Where(p => p.StartsWith("usr/", StringComparison.Ordinal)
                && (File.Exists("/" + p) || Directory.Exists("/" + p)))
            .Distinct().Take(PathsMax)];
    }

    /// <summary>What is needed by what is named: of alternatives the first that is installed.</summary>
    internal static IReadOnlyCollection<string> Closure(Dictionary<string, string[]> installed,
        IReadOnlyList<string> packages)
    {
        var providers = installed.Values.SelectMany(f => Names(f[3]).SelectMany(n => n)
            .Select(virtually => (virtually, f[0]))).GroupBy(p => p.virtually)
            .ToDictionary(g => g.Key, g => g.First().Item2);
        var open = new Queue<string>(installed.Values.Where(f => f[1] == "yes").Select(f => f[0]));
        foreach (var name in packages)
        {
            open.Enqueue(installed.ContainsKey(name) ? name : throw Missing(name));
        }
        var closure = new SortedSet<string>(StringComparer.Ordinal);
        while (open.TryDequeue(out var name))
        {
            if (!closure.Add(name))
            {
                continue;
            }
            foreach (var alternatives in Names(installed[name][2]))
            {
                if (alternatives.Select(a => installed.ContainsKey(a) ? a : providers.GetValueOrDefault(a))
                    .FirstOrDefault(a => a is not null) is { } needed)
                {
                    open.Enqueue(needed);
                }
            }
        }
        return closure;
    }

    private static IEnumerable<string[]> Names(string field) => field
        .Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)
        .Select(one => one.Split('|').Select(a => NamePattern().Match(a.Trim()).Value)
            .Where(a => a.Length > 0).ToArray());

    /// <summary>Packages still name /bin where that is a link to usr/bin.</summary>
    private static string Merged(string path)
    {
        var top = path.Split('/')[1];
        return new DirectoryInfo("/" + top).LinkTarget is { } target && target.StartsWith("usr/",
            StringComparison.Ordinal) ? target + path[(top.Length + 1)..] : path[1..];
    }

    private static async Task<string> AskAsync(ProcessLauncher launcher, string[] arguments,
        CancellationToken cancel)
    {
        await using var process = await launcher.StartAsync(new ProcessSpec("dpkg-query", [.. arguments],
            UserNamespace.CleanEnvironment), cancel);
        var errors = process.Stderr.CopyToAsync(Stream.Null, cancel);
        var text = await new StreamReader(process.Stdout, Encoding.UTF8).ReadToEndAsync(cancel);
        await errors;
        return (await process.Exited).ExitCode == 0 ? text : throw Missing(string.Join(' ', arguments));
    }

    private static AegisException Missing(string name) => KindErrors.NotPrepared("system",
        "installed packages", name, $"Install it first: apt-get install {name}");

    [GeneratedRegex("^[a-z0-9][a-z0-9+.-]*")]
    private static partial Regex NamePattern();
}
