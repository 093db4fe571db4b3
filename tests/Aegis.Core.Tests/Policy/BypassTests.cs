using System.Diagnostics;
using System.Text;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Tiers;

namespace Aegis.Core.Tests.Policy;

/// <summary>Tries to start a program that no list allows, by everything that a shell and the listed programs
/// offer. Each try is run by bash without the gate first: a line that does not start the program there proves
/// nothing by being denied.</summary>
public sealed class BypassTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    // the widest tier of document 1, and every program that one might hide behind
    private static readonly string[] Allow =
    [
        .. TierBook.BuiltIn.Tiers["pro"].Commands, "ls", "cat", "grep", "echo", "find", "xargs", "env", "tar",
        "sed", "awk", "make", "bash", "sh", "test", "printf", "timeout", "nice", "nohup", "setsid", "ssh",
    ];

    private static readonly string[] Corpus = File.ReadAllText(Path.Combine(AppContext.BaseDirectory,
        "Policy", "Corpus", "bypasses.txt")).TrimEnd('\n').Split("\n%%\n");

    public static TheoryData<string> Lines => [.. Corpus];

    [Theory]
    [MemberData(nameof(Lines))]
    public void Line_ThatStartsWhatIsNotListed_IsDenied(string line) =>
        Assert.Equal(Decision.Deny, CommandPolicy.Evaluate(Allow, line).Decision);

    [Fact]
    public void Lines_WithTheProgramOnTheList_ArePartlyAllowed()
    {
        // the list decides, and not a refusal of everything that looks odd
        string[] wider = [.. Allow, "pwned"];
        var allowed = Corpus.Count(l => CommandPolicy.Evaluate(wider, l).Decision == Decision.Allow);
        Assert.True(allowed > 20, $"only {allowed}");
    }

    [Theory]
    [MemberData(nameof(Lines))]
    [Trait("Category", "Slow")]
    public async Task Line_WithoutTheGate_StartsIt(string line)
    {
        using var stage = new Stage();
        Assert.True(await stage.RunAsync(line), $"bash does not start it: {line}\n{stage.Said}");
    }

    /// <summary>A repository with a change, a package with a script, a program that leaves a mark.</summary>
    private sealed class Stage : IDisposable
    {
        private const string SetUp = """
            git init -q . && git config user.email a@b && git config user.name a
            echo a > a.txt && git add a.txt && git commit -qm a && echo b > a.txt
            printf '{"scripts":{"x":"true"}}' > package.json
            printf 'pwned\n' > evil.sh; printf 'x:\n\tpwned\n' > evil.mk
            printf 'require("child_process").execSync("pwned")' > evil.cjs
            mkdir evil && cp "$BIN/pwned" evil/git-foo && cp "$BIN/pwned" pwned
            """;

        private readonly string root = Directory.CreateTempSubdirectory("aegis-bypass-").FullName;

        public string Said { get; private set; } = "";

        private string Bin => Path.Combine(root, "bin");

        private string Work => Path.Combine(root, "work");

        public async Task<bool> RunAsync(string line)
        {
            Directory.CreateDirectory(Bin);
            Directory.CreateDirectory(Work);
            var mark = Path.Combine(root, "mark");
            var program = Path.Combine(Bin, "pwned");
            await File.WriteAllTextAsync(program, $"#!/bin/sh\necho >> '{mark}'\nexit 0\n");
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);
            await BashAsync(SetUp);
            await BashAsync(line);
            return File.Exists(mark);
        }

        public void Dispose() => Directory.Delete(root, recursive: true);

        private async Task BashAsync(string line)
        {
            var start = new ProcessStartInfo("/bin/bash", ["-c", line])
            {
                WorkingDirectory = Work,
                RedirectStandardInput = true,
                RedirectStandardOutput = true,
                RedirectStandardError = true,
                StandardErrorEncoding = Encoding.UTF8,
            };
            start.Environment.Clear();
            (start.Environment["PATH"], start.Environment["HOME"], start.Environment["BIN"]) =
                ($"{Bin}:/usr/bin:/bin", Work, Bin);
            using var process = Process.Start(start)!;
            process.StandardInput.Close();
            using var limit = new CancellationTokenSource(Patience);
            try
            {
                var said = process.StandardError.ReadToEndAsync(limit.Token);
                await Task.WhenAll(said, process.StandardOutput.ReadToEndAsync(limit.Token),
                    process.WaitForExitAsync(limit.Token));
                Said += await said;
            }
            catch (OperationCanceledException)
            {
                process.Kill(entireProcessTree: true);
                Assert.Fail($"not done after {Patience}: {line}");
            }
        }
    }
}
