using System.Text.Json;
using Aegis.Cli;

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
    public async Task Invite_ShowsTheKeyOnce()
    {
        var (exit, output, _) = await AegisAsync("", "chat", "invite", "Ana", "--expires", "3600");
        Assert.Equal(ExitCode.Ok, exit);
        Assert.StartsWith("aegis_key_", output, StringComparison.Ordinal);
    }

    private async Task<(int Exit, string Output, string Error)> AegisAsync(
        string input, params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        using var lines = new StringReader(input);
        var exit = await CommandLine.InvokeAsync(arguments, new Terminal(output, error, false, 110, name =>
            name switch
            {
                "AEGIS_URL" => room.Server.Server.Url.ToString(),
                "AEGIS_KEY" => room.Server.Key,
                _ => null,
            }) { In = lines }, CancellationToken.None);
        return (exit, output.ToString(), error.ToString());
    }
}
