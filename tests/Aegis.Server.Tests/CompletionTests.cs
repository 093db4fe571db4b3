using System.Diagnostics;
using System.Text.RegularExpressions;
using Aegis.Cli;
using Aegis.Cli.Completion;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests;

/// <summary>The completion scripts in the shells themselves.</summary>
public sealed class CompletionTests : IDisposable
{
    private static readonly string Shells = Path.Combine(GeneratedFile.Root, "tests/Shared/Shells");
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-completion-").FullName;

    public CompletionTests()
    {
        File.WriteAllText(Path.Combine(folder, "one.yaml"), "");
        File.WriteAllText(Path.Combine(folder, "two words.yaml"), "");
        // what the scripts ask for names of the server
        var program = Path.Combine(folder, "aegis");
        File.WriteAllText(program,
            "#!/bin/sh\n[ \"$1 $2\" = 'completion values' ] && echo \"$3_1\" && echo \"$3_2\"\n");
        File.SetUnixFileMode(program,
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);

    public static TheoryData<string, string, string[]> Lines()
    {
        (string Line, string[] Found)[] lines =
        [
            ("aegis ru", ["run", "runs"]),
            ("aegis runs ", ["list", "pause", "resume", "show", "watch"]),
            ("aegis runs list --st", ["--status"]),
            ("aegis runs --status s", ["stopping", "succeeded"]),
            ("aegis expr --status f", ["failure"]),
            ("aegis run --repo x --de", ["--detach"]),
            ("aegis run o", ["one.yaml"]),
            ("aegis plan check one.yaml two", ["two words.yaml"]),
            ("aegis plan --svg o", ["one.yaml"]),
            ("aegis runs show ", ["runs_1", "runs_2"]),
            ("aegis workflow run ", ["workflows_1", "workflows_2"]),
            ("aegis key create --scope ", []),
            ("aegis de", ["debug", "demo", "deny", "deployments", "devices"]),
        ];
        var data = new TheoryData<string, string, string[]>();
        foreach (var shell in (string[])["bash", "zsh", "fish"])
        {
            foreach (var (line, found) in lines)
            {
                data.Add(shell, line, found);
            }
        }
        return data;
    }

    [Theory]
    [Trait("Category", "Slow")]
    [MemberData(nameof(Lines))]
    public async Task Shell_CompletesTheLine(string shell, string line, string[] expected)
    {
        var script = Path.Combine(folder, "script");
        await File.WriteAllTextAsync(script, await ScriptAsync(shell));
        var words = line.Split(' ');
        var found = shell switch
        {
            "bash" => await RunAsync("bash", [Path.Combine(Shells, "bash.sh"), script, .. words]),
            "zsh" => await RunAsync("zsh", ["-f", Path.Combine(Shells, "capture.zsh"), script, line]),
            _ => await RunAsync("fish",
                ["--no-config", "-c", $"source {script}; complete -C '{line}'"]),
        };
        Assert.Equal(expected, found.Select(f => f.Split('\t')[0].Replace("\\ ", " ",
            StringComparison.Ordinal))
            .Where(f => f.Length > 0).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void ScriptVerbs_AreThoseOfTheScript()
    {
        var usage = File.ReadAllText(Path.Combine(GeneratedFile.Root, "aegis"));
        var said = Regex.Matches(usage[..usage.IndexOf("\nTEXT\n", StringComparison.Ordinal)], "^  ([a-z]+) ",
            RegexOptions.Multiline).Select(m => m.Groups[1].Value).Where(v => v != "cat");
        Assert.Equal(said.Order(), CompletionTree.OfTheScript.Select(v => v.Name).Order());
    }

    private static async Task<string> ScriptAsync(string shell)
    {
        using var output = new StringWriter();
        Assert.Equal(0, await CommandLine.InvokeAsync(["completion", shell],
            new Terminal(output, TextWriter.Null, false, 80, _ => null), CancellationToken.None));
        return output.ToString();
    }

    private async Task<string[]> RunAsync(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = folder,
        };
        start.Environment["PATH"] = $"{folder}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["HOME"] = folder;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.Equal("", await error);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }
}
