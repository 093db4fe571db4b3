using System.Diagnostics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Aegis.Cli.Terminals;
using Aegis.Server.Tests.Support;

namespace Aegis.Server.Tests.Rpc;

/// <summary>The CLI's verbs as processes of their own, at a real terminal (<c>script</c>).</summary>
[Collection(RealServerGroup.Name)]
public sealed partial class CliTerminalTests(RealServer server)
{
    private static readonly string Program =
        Path.Combine(AppContext.BaseDirectory, "aegis-cli.dll");

    [Fact]
    public async Task Exec_PassesOutputAndExitCodeOn()
    {
        var (status, output, _) = await RunAsync("exec", "--", "echo one; echo two; exit 7");
        Assert.Equal((7, "one\ntwo\n"), (status, output));
        var (json, answer, _) = await RunAsync("exec", "--json", "--", "echo hi");
        Assert.Equal((0, true), (json, JsonElement.Parse(answer).GetProperty("ok").GetBoolean()));
        var (denied, _, error) = await RunAsync("exec", "--", "find . -exec sh {} ;");
        Assert.Equal(4, denied);
        Assert.Contains("AEGIS1141", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Exec_InAFolderHere_WorksOnItsCommits_ByTheOtherNameToo()
    {
        var folder = Directory.CreateTempSubdirectory("aegis-cwd-").FullName;
        await Shell.RunAsync($"""
            cd {folder} && git init -q -b main
            git config user.name t && git config user.email t@example.com
            echo content > file.txt && git add . && git commit -qm one
            """);
        var (status, output, error) = await RunAsync(
            ["exec", "--cwd", folder, "--", "git status; cat file.txt"], "CHISPART");
        Assert.True(status == 0, error);
        Assert.Contains("On branch main", output, StringComparison.Ordinal);
        Assert.Contains("content", output, StringComparison.Ordinal);
        var (clean, shown, _) = await RunAsync("git", "status", "--repo", folder, "--json");
        Assert.Equal((0, true), (clean,
            JsonElement.Parse(shown).GetProperty("outputs").GetProperty("clean").GetBoolean()));
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task Attach_AtARealTerminal_TypesInterruptsRunsVim_LeavesAndComesBack()
    {
        using var screen = Screen("attach --new --record");
        await screen.UntilAsync("$ ");
        await screen.TypeAsync("stty size; test -t 0 && echo at a ter''minal\n");
        await screen.UntilAsync("at a terminal");
        Assert.Contains("24 80", screen.Text, StringComparison.Ordinal);
        await screen.TypeAsync("sh -c 'echo wai\"\"ting; exec sleep 1000'\n");
        await screen.UntilAsync("waiting");
        await screen.TypeAsync("\u0003");
        await screen.TypeAsync("echo sta''tus $?\n");
        await screen.UntilAsync("status 130");
        await screen.TypeAsync("vi -u NONE notes.txt || echo no''vi\n");
        if (await screen.UntilAsync("[New", "novi") == "[New")
        {
            await screen.TypeAsync("ihello vim\u001b:wq\n");
            await screen.UntilAsync("written");
            await screen.TypeAsync("cat notes.txt; echo rea''d\n");
            await screen.UntilAsync("read");
            Assert.Contains("hello vim", screen.Text, StringComparison.Ordinal);
        }
        await screen.TypeAsync("\u001d");
        await screen.UntilAsync("left; aegis attach");
        Assert.Equal(0, await screen.ExitAsync());
        var session = SessionId().Match(screen.Text).Value;

        var (_, listed, _) = await RunAsync("attach", "--list");
        Assert.Contains($"{session}", listed, StringComparison.Ordinal);
        Assert.Contains("detached", listed, StringComparison.Ordinal);
        using var back = Screen($"attach {session}");
        // what was shown before is shown again
        await back.UntilAsync("status 130");
        await back.TypeAsync("exit 3\n");
        Assert.Equal(3, await back.ExitAsync());
    }

    [Fact]
    public async Task WsStart_PairsADevice_ThatThenWorksOverItsPort()
    {
        using var start = Start(["ws", "start", "--port", "0", "--token", "dev-token-1"], "AEGIS");
        var first = await start.StandardOutput.ReadLineAsync();
        var port = int.Parse(first!.Split(':')[2].Split(' ')[0]);
        var relay = new Uri($"http://127.0.0.1:{port}");
        using (var device = await RpcTalk.OpenAsync(relay, "dev-token-1", "/"))
        {
            await device.AskAsync(new { op = "pair.init", device = "android", name = "Pixel" });
            var code = await CodeAsync(start);
            var other = code == "000000" ? "000001" : "000000";
            var wrong = await device.AskAsync(new { op = "pair.confirm", code = other });
            Assert.False(wrong.GetProperty("ok").GetBoolean());
            var paired = await device.AskAsync(new { op = "pair.confirm", code });
            Assert.True(paired.GetProperty("ok").GetBoolean(), paired.GetRawText());
            using var works = await RpcTalk.OpenAsync(
                relay, paired.GetProperty("key").GetString(), "/anything");
            var exec = await works.AskAsync(new { op = "exec", cmd = "echo paired" });
            Assert.Equal(0, exec.GetProperty("exitCode").GetInt32());
        }
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => RpcTalk.OpenAsync(relay, "dev-token-2", "/"));
        var (_, devices, _) = await RunAsync("devices", "list");
        var id = devices.Split('\n').Single(l => l.Contains("Pixel", StringComparison.Ordinal)).Split(' ')[0];
        Assert.Equal(0, (await RunAsync("devices", "revoke", id)).Status);
        await Shell.RunAsync($"kill -INT {start.Id}");
        await start.WaitForExitAsync();
        await Assert.ThrowsAsync<System.Net.WebSockets.WebSocketException>(
            () => RpcTalk.OpenAsync(server, "aegis_pair_dev-token-1"));
    }

    [Fact]
    public async Task Providers_ThatAreNotThere_SayWhy()
    {
        var (status, _, error) = await RunAsync("providers", "test", "--provider", "nobody");
        Assert.NotEqual(0, status);
        Assert.Contains("AEGIS", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Bearer secret-1", null, "Authorization: Bearer aegis_pair_o.secret-1")]
    [InlineData("Bearer aegis_key_x", null, "Authorization: Bearer aegis_key_x")]
    [InlineData(null, "/?token=secret-1", "Authorization: Bearer aegis_pair_o.secret-1")]
    [InlineData(null, "/?token=secret-2", null)]
    public void Relay_TranslatesTheTokenAndNothingElse(string? authorization, string? path, string? expected)
    {
        using var relay = new PairingRelay(
            new Uri("http://127.0.0.1:4000"), "secret-1", "aegis_pair_o.secret-1");
        var head = $"GET {path ?? "/"} HTTP/1.1\r\nHost: phone:8765\r\nUpgrade: websocket"
            + (authorization is null ? "" : $"\r\nAuthorization: {authorization}");
        var written = relay.Rewritten(head);
        Assert.StartsWith("GET /v1/rpc HTTP/1.1\r\nHost: 127.0.0.1:4000\r\n", written,
            StringComparison.Ordinal);
        Assert.Equal(expected, written.Split("\r\n").SingleOrDefault(
            l => l.StartsWith("Authorization", StringComparison.Ordinal)));
    }

    private static async Task<string> CodeAsync(Process start)
    {
        while (await start.StandardOutput.ReadLineAsync() is { } line)
        {
            if (CodeLine().Match(line) is { Success: true } match)
            {
                return match.Groups[1].Value;
            }
        }
        throw new InvalidOperationException("no code was shown");
    }

    private Task<(int Status, string Output, string Error)> RunAsync(params string[] arguments) =>
        RunAsync(arguments, "AEGIS");

    private async Task<(int Status, string Output, string Error)> RunAsync(string[] arguments, string prefix)
    {
        using var process = Start(arguments, prefix);
        process.StandardInput.Close();
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await error);
    }

    // who runs the tests in the background may ignore Ctrl-C, and what they start would too
    private Process Start(string[] arguments, string prefix) =>
        Process.Start(Info("env", ["--default-signal=INT", "dotnet", Program, .. arguments], prefix))!;

    private LiveScreen Screen(string arguments) => new(Process.Start(Info("script",
        ["-qefc", $"stty rows 24 cols 80; exec dotnet {Program} {arguments}", "/dev/null"], "AEGIS"))!);

    private ProcessStartInfo Info(string program, string[] arguments, string prefix)
    {
        var start = new ProcessStartInfo(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
        };
        start.Environment[$"{prefix}_URL"] = server.Server.Url.ToString();
        start.Environment[$"{prefix}_KEY"] = server.Key;
        start.Environment["TERM"] = "xterm";
        return start;
    }

    [GeneratedRegex(@"run_[0-9a-z]+")]
    private static partial Regex SessionId();

    [GeneratedRegex(@"wants to pair: code (\d{6})")]
    private static partial Regex CodeLine();

    /// <summary>A program at a terminal, as a person sees and types.</summary>
    private sealed class LiveScreen(Process process) : IDisposable
    {
        private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
        private readonly StringBuilder shown = new();
        private readonly char[] buffer = new char[4096];
        private int from;

        public string Text => shown.ToString();

        public async Task TypeAsync(string text)
        {
            await process.StandardInput.WriteAsync(text);
            await process.StandardInput.FlushAsync();
        }

        /// <summary>The first of these texts that is shown after what was waited for last.</summary>
        public async Task<string> UntilAsync(params string[] texts)
        {
            using var limit = new CancellationTokenSource(Patience);
            while (true)
            {
                var now = Text[from..];
                if (texts.FirstOrDefault(t => now.Contains(t, StringComparison.Ordinal)) is { } found)
                {
                    from += now.IndexOf(found, StringComparison.Ordinal) + found.Length;
                    return found;
                }
                int read;
                try
                {
                    read = await process.StandardOutput.ReadAsync(buffer, limit.Token);
                }
                catch (OperationCanceledException)
                {
                    throw new TimeoutException($"not shown: {string.Join(" or ", texts)}; but: {Text}");
                }
                Assert.True(read > 0, $"ended without {string.Join(" or ", texts)}: {Text}");
                shown.Append(buffer, 0, read);
            }
        }

        public async Task<int> ExitAsync()
        {
            shown.Append(await process.StandardOutput.ReadToEndAsync());
            await process.WaitForExitAsync();
            return process.ExitCode;
        }

        public void Dispose()
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }
            process.Dispose();
        }
    }
}
