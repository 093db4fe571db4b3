using Aegis.Core.Plans;
using Aegis.Core.Plans.Triggers;
using Aegis.Core.Schedules;

namespace Aegis.Core.Tests.Plans;

public sealed class TriggerReaderTests
{
    private const string Steps = "\nsteps: [{id: a, uses: t}]";

    [Fact]
    public void On_EachForm_GivesItsTrigger()
    {
        var triggers = Read("""
            on:
              manual:
              api: ~
              webhook:
              github:issues:
              github:push: { branches: [main, "v*"], paths: docs/** }
              schedule:
                - { cron: "0 6 * * *" }
                - { cron: "@weekly", timezone: Asia/Tokyo, missed: all }
              workflow_completed: { workflow: build, status: failure }
            """);
        string[] expected =
        [
            """{"kind":"manual"}""", """{"kind":"api"}""", """{"kind":"webhook"}""",
            """{"kind":"github","event":"issues","branches":[],"paths":[]}""",
            """{"kind":"github","event":"push","branches":["main","v*"],"paths":["docs/**"]}""",
            """{"kind":"schedule","cron":"0 6 * * *","time_zone":"UTC","missed":"Skip"}""",
            """{"kind":"schedule","cron":"@weekly","time_zone":"Asia/Tokyo","missed":"All"}""",
            """{"kind":"workflow_completed","workflow":"build","status":"Failure"}""",
        ];
        Assert.Equal(expected, triggers.Select(t => TriggerJson.Write([t])[1..^1]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("on: manual")]
    [InlineData("on: [manual]")]
    [InlineData("on: [{manual: }]")]
    [InlineData("on: {manual: }")]
    public void On_ByHand_InEveryForm(string on) => Assert.Equal<Trigger>([new ManualTrigger()], Read(on));

    [Fact]
    public void Json_WhoseMembersTheDatabaseReordered_IsReadBack()
    {
        var read = TriggerJson.Read(
            """[{"cron":"0 6 * * *","kind":"schedule","missed":"Once","time_zone":"UTC"}]""");
        Assert.Equal<Trigger>([new ScheduleTrigger("0 6 * * *", "UTC", MissedRuns.Once)], read);
    }

    [Theory]
    [InlineData("on: push", "2:5 1025")]
    [InlineData("on: schedule", "2:5 1151")]
    [InlineData("on: {schedule: }", "2:6 1151")]
    [InlineData("on: {schedule: []}", "2:6 1151")]
    [InlineData("on: {schedule: {cron: \"0 6 * *\"}}", "2:23 1152")]
    [InlineData("on: {schedule: {cron: \"0 0 31 2 *\"}}", "2:23 1152")]
    [InlineData("on: {schedule: {cron: \"@daily\", timezone: Mars/Base}}", "2:43 1153")]
    [InlineData("on: {schedule: {cron: \"@daily\", missed: some}}", "2:41 1014")]
    [InlineData("on: {schedule: {cron: \"@daily\", when: 1}}", "2:33 1010")]
    [InlineData("on: {workflow_completed: }", "2:6 1150")]
    [InlineData("on: {workflow_completed: {workflow: a b}}", "2:37 1150")]
    [InlineData("on: {workflow_completed: {workflow: a, status: ok}}", "2:48 1014")]
    [InlineData("on: {manual: 5}", "2:14 1150")]
    [InlineData("on: [{manual: , api: }]", "2:6 1150")]
    [InlineData("on: [{}]", "2:6 1150")]
    [InlineData("on: {}", "2:5 1014")]
    [InlineData("on: {github:pull_request: {paths: [a]}}", "2:35 1150")]
    [InlineData("on: {github:push: {branches: ['']}}", "2:31 1014")]
    [InlineData("on: [github:push, github:push]", "2:19 1004")]
    [InlineData("on: {push: , pull: }", "2:6 1025, 2:14 1025")]
    public void On_AWrongOne_IsNamedAtItsPlace(string on, string errors)
    {
        var result = WorkflowCompiler.Compile(
            System.Text.Encoding.UTF8.GetBytes($"name: w\n{on}{Steps}"), "w", knownZone: CronZone.IsKnown);
        Assert.Equal(errors, string.Join(", ", result.Diagnostics.Select(d =>
            $"{d.At.Line}:{d.At.Column} {d.Error.Code["AEGIS".Length..]}")));
    }

    [Theory]
    [InlineData(32, "")]
    [InlineData(33, "2:5 1016")]
    public void On_OfManyTriggers_IsTakenUpTo32(int count, string errors)
    {
        var list = string.Join(", ",
            Enumerable.Range(0, count).Select(n => $"'github:e{new string('a', n)}'"));
        Assert.Equal(errors, Compiling.Errors($"name: w\non: [{list}]{Steps}"));
        var schedules = string.Join(", ", Enumerable.Range(0, count).Select(n => $"{{cron: '{n} * * * *'}}"));
        Assert.Equal(errors, Compiling.Errors($"name: w\non: {{schedule: [{schedules}]}}{Steps}"));
    }

    [Theory]
    [InlineData(64, 255, "")]
    [InlineData(65, 255, "2:30 1016")]
    [InlineData(1, 256, "2:31 1014")]
    public void Branches_AreTakenUpTo64Of255Characters(int count, int length, string errors)
    {
        var globs = string.Join(",", Enumerable.Repeat(new string('g', length), count));
        var on = $"{{github:push: {{branches: [{globs}]}}}}";
        Assert.Equal(errors, Compiling.Errors($"name: w\non: {on}{Steps}"));
    }

    [Fact]
    public void StoredPlan_OfAZoneThatThisHostHasNot_StillCompiles() =>
        Assert.Single(Read("on: {schedule: {cron: '@daily', timezone: Mars/Base}}"));

    private static System.Collections.Immutable.ImmutableArray<Trigger> Read(string on) =>
        Compiling.Plan($"name: w\n{on}{Steps}").On;
}
