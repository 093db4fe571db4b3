using System.Text.Json;
using Aegis.Core.Agents;
using Aegis.Core.Runs.Audits;
using Aegis.Core.Runs.Events;

namespace Aegis.Core.Tests.Agents;

public sealed class ProjectStateTests
{
    private readonly ProjectStateFold fold = new("top");
    private DateTimeOffset at = DateTimeOffset.UnixEpoch;

    [Theory]
    [InlineData(ProjectStateFold.MessagesMax, 1)]
    [InlineData(ProjectStateFold.MessagesMax + 1, 2)]
    [InlineData((ProjectStateFold.MessagesMax * 2) + 1, ProjectStateFold.MessagesMax + 2)]
    public void Messages_AreTheNewest_TheOldestFirst(int count, int first)
    {
        for (var turn = 1; turn <= count; turn++)
        {
            Reply("top", $"a.{turn}", "visionary", "x", turn);
        }
        var messages = fold.State().Messages;
        Assert.Equal((Math.Min(count, ProjectStateFold.MessagesMax), first, count),
            (messages.Length, messages[0].Turn, messages[^1].Turn));
    }

    [Theory]
    [InlineData(ProjectStateFold.MessageCharsMax)]
    [InlineData(ProjectStateFold.MessageCharsMax + 1)]
    public void Text_IsCut(int length)
    {
        Reply("top", "a.0", "visionary", new string('x', length));
        Assert.Equal(ProjectStateFold.MessageCharsMax, Assert.Single(fold.State().Messages).Text.Length);
    }

    [Fact]
    public void Message_SaysWhoAskedForWhat()
    {
        Reply("top", "a.0", "visionary", "I look.", calls: ["repo__map"]);
        var message = Assert.Single(fold.State().Messages);
        Assert.Equal(("top", "a.0", "visionary", 1, "I look.", "repo__map"), (message.RunId, message.StepId,
            message.Agent, message.Turn, message.Text, Assert.Single(message.Calls)));
    }

    [Fact]
    public void Retries_AreTheLoopsOfATasksOwnAgent_BeyondTheFirst()
    {
        Take("one", new RunStarted("one", "p", "build-task", "h", "key:a", [],
            Json("""{"task":{"agent":"builder-data"}}"""), null, null, null));
        foreach (var (step, agent) in new[] { ("build-1.0", "builder-data"), ("build-1.1", "builder-data"),
            ("scribe-1.0", "scribe"), ("build-2.0", "builder-data"), ("build-3.0", "builder-data") })
        {
            Reply("one", step, agent, "x");
        }
        Reply("top", "plan.0", "architect", "x");
        Reply("top", "replan.0", "architect", "x");
        Assert.Equal(2, fold.State().RetryCount);
    }

    [Fact]
    public void BuildStatus_IsTheWholes_ElseTheNewestTasks()
    {
        Assert.Null(fold.State().BuildStatus);
        Take("one", new AuditFailed("audit-1", 1, "c", Verdict("vulnerable")));
        Assert.Equal("vulnerable", fold.State().BuildStatus);
        Take("top", new AuditPassed("audit", 1, "c", Verdict("clean")));
        Take("one", new AuditFailed("audit-2", 1, "c", Verdict("broken")));
        Assert.Equal("clean", fold.State().BuildStatus);
    }

    [Fact]
    public void Documents_AreWhatTheAgentsOfTheRunEndedWithLast()
    {
        Use("top", "spec", "agent.run", """{"agent":"visionary","reply":{"title":"t"}}""");
        Use("top", "plan", "agent.run", """{"agent":"architect","reply":{"tasks":[1]}}""");
        Use("top", "replan-1", "agent.run", """{"agent":"architect","reply":{"tasks":[2]}}""");
        Use("one", "x", "agent.run", """{"agent":"architect","reply":{"tasks":[3]}}""");
        Use("top", "pull-request", "repo.pr.create", """{"url":"http://pr/1","number":1}""");
        var state = fold.State();
        Assert.Equal(("""{"title":"t"}""", "[2]", "http://pr/1"), (state.SpecDocument!.Value.GetRawText(),
            state.CurrentPlan!.Value.GetRawText(), Assert.Single(state.CodeDiffs)));
    }

    [Fact]
    public void Vaccines_AreWhatTheNewestSearchWasTold_AndWhatWasMintedBesideIt()
    {
        Use("top", "known", "vaccine.search", """{"security_vaccines":["never 1"],"vaccine_ids":["v1"]}""");
        Use("one", "vaccine-1", "vaccine.mint", """{"vaccine_id":"v2"}""");
        Assert.Equal("never 1, v2", string.Join(", ", fold.State().SecurityVaccines));
        Use("one", "known-2", "vaccine.search",
            """{"security_vaccines":["never 1","never 2"],"vaccine_ids":["v1","v2"]}""");
        Assert.Equal("never 1, never 2", string.Join(", ", fold.State().SecurityVaccines));
    }

    private void Use(string run, string step, string tool, string outputs)
    {
        Take(run, new TaskStarted(step, 1, tool, null, false));
        Take(run, new TaskCompleted(step, 1, null, Json(outputs), null));
    }

    private void Reply(string run, string step, string agent, string text, int turn = 1,
        params string[] calls) => Take(run, new ModelReplied(step, 1, "c", turn, agent,
            JsonSerializer.SerializeToElement(new { text, calls = calls.Select(name => new { name }) }), null,
            1, "stop", 0));

    private void Take(string run, RunEvent fact) => fold.Take(run, at = at.AddSeconds(1), fact);

    private static AuditVerdict Verdict(string status) => new("/work/app", status, "r", "h", 0, 0);

    private static JsonElement Json(string text) => JsonElement.Parse(text);
}
