using System.Text.Json;
using Aegis.Agents.Contracts;
using Aegis.Core.Profiles;

namespace Aegis.Agents.Tests;

/// <summary>Limits of inputs, replies and profiles, at their most and one past it.</summary>
public sealed class AgentLimitTests
{
    [Theory]
    [InlineData(AgentRun.TaskCharsMax, 1, 1, true)]
    [InlineData(AgentRun.TaskCharsMax + 1, 1, 1, false)]
    [InlineData(1, AgentRun.SectionsMax, 1, true)]
    [InlineData(1, AgentRun.SectionsMax + 1, 1, false)]
    [InlineData(1, 1, AgentRun.SectionCharsMax, true)]
    [InlineData(1, 1, AgentRun.SectionCharsMax + 1, false)]
    public void Input_AtTheLimitAndOnePast(int taskChars, int sections, int sectionChars, bool isFine)
    {
        // the quotes of a JSON text count too
        var text = JsonSerializer.SerializeToElement(new string('x', Math.Max(0, sectionChars - 2)));
        var input = JsonSerializer.SerializeToElement(new
        {
            agent = "builder",
            task = new string('x', taskChars),
            context = Enumerable.Range(0, sections).ToDictionary(i => $"s{i}", _ => text),
        });
        Assert.Equal(isFine ? null : "AEGIS2001", new AgentRun().Check(input)?.Code);
    }

    [Theory]
    [InlineData(ContractText.LineMax, 1, 1)]
    [InlineData(1, ContractText.TextMax, 1)]
    [InlineData(1, 1, ContractText.ListMax)]
    public void Reply_AtTheLimitAndOnePast(int line, int text, int list)
    {
        Assert.Empty(Errors(line, text, list));
        Assert.Single(Errors(line == 1 ? 1 : line + 1, text == 1 ? 1 : text + 1, list == 1 ? 1 : list + 1));

        static IEnumerable<string> Errors(int line, int text, int list) => Bind("AuditOpinion", new
        {
            findings = Enumerable.Range(0, list).Select(i => new
            {
                rule = new string('r', i == 0 ? line : 1), file = "f", line = 1, severity = "low",
                message = new string('m', i == 0 ? text : 1), mend = "n",
            }),
        });
    }

    [Fact]
    public void LongText_AtTheLimitAndOnePast()
    {
        Assert.Empty(Bind("Answer", new { text = new string('x', ContractText.LongMax) }));
        Assert.NotEmpty(Bind("Answer", new { text = new string('x', ContractText.LongMax + 1) }));
        // and where a record says no length of its own
        Assert.Empty(Files(ContractText.LongMax));
        Assert.NotEmpty(Files(ContractText.LongMax + 1));

        static IEnumerable<string> Files(int chars) => Bind("BuildReport", new
        {
            summary = "s", files_changed = new[] { new string('f', chars) }, open_issues = new[] { "x" },
        });
    }

    [Theory]
    [InlineData(ReplyContract.ErrorsMax, ReplyContract.ErrorsMax)]
    [InlineData(ReplyContract.ErrorsMax + 1, ReplyContract.ErrorsMax)]
    public void Errors_AreToldUpToTheLimit(int wrong, int told) => Assert.Equal(told, Bind("AuditOpinion", new
    {
        findings = Enumerable.Range(0, wrong).Select(_ => new
        {
            rule = "", file = "f", line = 1, severity = "low", message = "m", mend = "n",
        }),
    }).Count());

    [Fact]
    public void Profile_AgentsAndTheirTools_UpToTheLimits()
    {
        Assert.Empty(Agents(64));
        Assert.Single(Agents(65));
        Assert.Empty(Tools(64));
        Assert.Single(Tools(65));

        static IEnumerable<object> Agents(int count) => Errors(string.Join(", ",
            Enumerable.Range(0, count).Select(i => $"a{i}: {{ like: builder }}")));

        static IEnumerable<object> Tools(int count) => Errors("a: { like: builder, tools: ["
            + string.Join(", ", Enumerable.Range(0, count).Select(i => $"t{i}.*")) + "] }");

        static IEnumerable<object> Errors(string agents) =>
            ProfileParser.Parse($"agents: {{ {agents} }}", "p").Errors;
    }

    private static IEnumerable<string> Bind(string contract, object reply) =>
        ReplyContract.All[contract].Bind(JsonSerializer.Serialize(reply)).Errors;
}
