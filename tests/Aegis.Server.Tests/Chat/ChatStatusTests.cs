using System.Text.Json;

namespace Aegis.Server.Tests.Chat;

/// <summary>What a founder hears of runs that wait and have ended, and who only greets.</summary>
public sealed class ChatStatusTests(ChatRoom room) : IClassFixture<ChatRoom>
{
    private static string Text(JsonElement of, string name) => of.GetProperty(name).GetString()!;

    private static List<JsonElement> Actions(JsonElement answer) =>
        [.. answer.GetProperty("actions_taken").EnumerateArray()];

    private async Task<string> HearAsync(string message, string? session = null, string? key = null) =>
        Text(await room.SayAsync(message, session: session, key: key), "response");

    /// <summary>A deployment that waits for an approval.</summary>
    private async Task<(string Session, string Run)> WaitingAsync()
    {
        var asked = await room.SayAsync("deploy it", act: true);
        var (session, run) = (Text(asked, "session_id"), Text(Actions(asked)[0], "run_id"));
        await room.Server.UntilAsync(
            "SELECT approval_id FROM approvals_read WHERE run_id = $1 AND status = 'pending'", run);
        return (session, run);
    }

    [Fact]
    public async Task ARunThatWaits_IsSaidToWait_ForWhat_AndHowToAnswer()
    {
        var (session, run) = await WaitingAsync();
        var told = await HearAsync("¿cómo va?", session);
        Assert.Contains($"ship ({run}) espera por ti: «deploy it?». Responde aquí: sí", told,
            StringComparison.Ordinal);
        Assert.DoesNotContain("en marcha", told, StringComparison.Ordinal);
        Assert.Contains($"ship ({run}) waits for you: «deploy it?». Answer here: yes",
            await HearAsync("how is it going?", session), StringComparison.Ordinal);
        // elsewhere it is told where to answer, and who may not answer is told so
        Assert.Contains($"aegis approve or aegis deny {run}.ask", await HearAsync("hello"),
            StringComparison.Ordinal);
        var looking = await room.Server.KeyAsync("acme", "chat:*", "runs:read", "approvals:read");
        Assert.Contains("Tu clave no puede responder", await HearAsync("¿cómo va?", key: looking),
            StringComparison.Ordinal);
        // who is thankful meanwhile has approved nothing, and was not asked whether that is a hint
        Assert.Equal("De nada. Pregúntame cuando quieras cómo va.",
            await HearAsync("muchas gracias", session));
        await HearAsync("para", session);
        await room.EndedAsync(run, "cancelled");
        Assert.Contains($"ship ({run}), was stopped before its end",
            await HearAsync("what happened?", session), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ANegatedYes_Denies_AndTheRunIsSaidToHaveFailed()
    {
        var (session, run) = await WaitingAsync();
        var denied = Assert.Single(Actions(await room.SayAsync("I don't approve", session: session)));
        Assert.Equal(("deny", "done"), (Text(denied, "kind"), Text(denied, "status")));
        await room.EndedAsync(run, "failed");
        var told = await HearAsync("¿qué ha pasado?", session);
        Assert.Contains($"ship ({run}), falló", told, StringComparison.Ordinal);
        Assert.Contains("ha costado 0 USD hasta ahora", await HearAsync("¿cuánto ha costado?", session),
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnOk_IsAYes_OnlyToAnOffer()
    {
        var (session, run) = await WaitingAsync();
        var asked = await room.SayAsync("ok", session: session);
        Assert.Equal("answer", Text(asked, "offered"));
        Assert.Empty(Actions(asked));
        await HearAsync("para", session);
        Assert.Single(Actions(await room.SayAsync("cancel the deployment", session: session)));
        await room.EndedAsync(run, "cancelled");
        await HearAsync("build me an API", session);
        var done = Assert.Single(Actions(await room.SayAsync("ok, thanks", session: session)));
        Assert.Equal(("build", "started"), (Text(done, "kind"), Text(done, "status")));
        await room.EndedAsync(Text(done, "run_id"), "succeeded");
        Assert.Contains("ended well", await HearAsync("is it done?", session), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ARunOfSomebodyElse_IsUnknown_AndTheConversationKeepsItsOwn()
    {
        var (session, run) = await WaitingAsync();
        var asked = await room.SayAsync($"status of {run}", key: room.Server.RivalKey);
        Assert.Equal($"I know no run {run} in this project.", Text(asked, "response"));
        Assert.Empty(Actions(await room.SayAsync(
            $"cancel {run}", session: Text(asked, "session_id"), key: room.Server.RivalKey)));
        const string None = "run_01jd9t8w5c3n6k1m0q7xh2v4zb";
        Assert.Contains(None, await HearAsync($"stop {None}", session), StringComparison.Ordinal);
        Assert.Contains($"({run}) waits for you", await HearAsync("how is it going?", session),
            StringComparison.Ordinal);
        // the control: its own may be named and ended
        Assert.Single(Actions(await room.SayAsync($"stop {run}", session: session)));
        await room.EndedAsync(run, "cancelled");
    }

    [Theory]
    [InlineData("hola", "¡Hola! Dime qué quieres construir")]
    [InlineData("hello", "Hello! Tell me what you want built")]
    [InlineData("¿Qué puedes hacer?", "Convierto un deseo en software")]
    [InlineData("hlep", "I turn a wish into software")]
    [InlineData("gracias", "De nada.")]
    public async Task ACourtesy_IsAQuestion_AnsweredWithoutARunOrAModel(string said, string told)
    {
        // of its own: what was begun elsewhere may go on
        var project = $"c{Guid.NewGuid():N}"[..12];
        var answer = await room.SayAsync(said, act: true, key: await room.KeyAsync(project));
        Assert.StartsWith(told, Text(answer, "response"), StringComparison.Ordinal);
        Assert.Equal("question", Text(answer, "intent"));
        Assert.Empty(Actions(answer));
        Assert.Equal("0", await room.Server.UntilAsync("""
            SELECT count(*)::text FROM events JOIN projects USING (project_key)
             WHERE project_id = $1 AND type IN ('RunStarted', 'ToolCalled', 'ToolReturned')
            """, project));
        Assert.Equal(["ChatOpened", "ChatMessage", "IntentDetected", "ChatMessage"],
            await room.FactsAsync($"chat/{Text(answer, "session_id")}", 4));
    }
}
