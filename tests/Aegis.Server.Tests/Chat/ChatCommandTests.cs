using System.Text;
using System.Text.Json;
using Aegis.Cli;
using Aegis.Tests.Shared;

namespace Aegis.Server.Tests.Chat;

/// <summary><c>aegis chat</c> as a pipe sees it.</summary>
public sealed class ChatCommandTests(ChatRoom room) : IClassFixture<ChatRoom>
{
    [Fact]
    public async Task APipe_IsAConversation_ThatGoesOnLater()
    {
        var (exit, output, _) = await AegisAsync("build me an API\n\nyes, go ahead\n", "chat", "--json");
        Assert.Equal(ExitCode.Ok, exit);
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(l => JsonElement.Parse(l)).ToList();
        Assert.Equal(2, lines.Count);
        var session = lines[0].GetProperty("session_id").GetString()!;
        Assert.Equal(session, lines[1].GetProperty("session_id").GetString());
        Assert.Equal("started", lines[1].GetProperty("actions_taken")[0].GetProperty("status").GetString());
        (exit, output, _) = await AegisAsync("", "chat", "--session", session, "-m", "what can you do?");
        Assert.Equal(ExitCode.Ok, exit);
        Assert.NotEmpty(output.Trim());
        (_, output, _) = await AegisAsync("", "chat", "show", session);
        Assert.Equal(6, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        (_, output, _) = await AegisAsync("", "chat", "list");
        Assert.Contains(session, output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Act_TellsWhatWasDone()
    {
        var (_, output, _) = await AegisAsync("run `true`\n", "chat", "--act");
        Assert.Contains("[spawn started run_", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AConversationOfSomebodyElse_IsRefused()
    {
        var (exit, _, error) = await AegisAsync("hi\n", "chat", "--session", "chat_none");
        Assert.Equal(ExitCode.Refused, exit);
        Assert.Contains("AEGIS6020", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALine_ThatCameTooSoon_IsSaidAgain()
    {
        using var server = new LoopbackHttp();
        var heard = new List<string>();
        var serving = Task.Run(async () =>
        {
            while (await server.NextAsync() is { } http)
            {
                using var reader = new StreamReader(http.Request.InputStream);
                var said = JsonElement.Parse(await reader.ReadToEndAsync());
                heard.Add(said.GetProperty("message").GetString()!);
                var refused = heard.Count == 1;
                http.Response.StatusCode = refused ? 429 : 200;
                http.Response.ContentType = refused ? "application/problem+json" : "text/event-stream";
                if (refused)
                {
                    http.Response.Headers["Retry-After"] = "0";
                }
                await http.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(refused
                    ? """{"code":"AEGIS2710","status":429,"detail":"too many messages"}"""
                    : "event: words\ndata: {\"text\":\"hello\"}\n\n"
                        + "event: done\ndata: {\"session_id\":\"chat_1\"}\n\n"));
                http.Response.Close();
            }
        });
        var (exit, output, error) = await AegisAsync(
            "hi\nthere\n", new Uri($"http://127.0.0.1:{server.Port}"), "chat");
        server.Dispose();
        await serving;
        Assert.Equal((ExitCode.Ok, "hello\nhello\n"), (exit, output));
        Assert.Equal(["hi", "hi", "there"], heard);
        Assert.Contains("too many messages; said again in 0 s", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Invite_ShowsTheKeyOnce()
    {
        var (exit, output, _) = await AegisAsync("", "chat", "invite", "Ana", "--expires", "3600");
        Assert.Equal(ExitCode.Ok, exit);
        Assert.StartsWith("aegis_key_", output, StringComparison.Ordinal);
    }

    private Task<(int Exit, string Output, string Error)> AegisAsync(
        string input, params string[] arguments) =>
        AegisAsync(input, room.Server.Server.Url, arguments);

    private async Task<(int Exit, string Output, string Error)> AegisAsync(
        string input, Uri url, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var lines = new StringReader(input);
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, error, false, 110, name =>
            name switch
            {
                "AEGIS_URL" => url.ToString(),
                "AEGIS_KEY" => room.Server.Key,
                _ => null,
            }) { In = lines }, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
