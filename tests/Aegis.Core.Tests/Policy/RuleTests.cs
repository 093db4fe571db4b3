using System.Text.Json;
using Aegis.Core.Policy;
using Aegis.Core.Policy.Rules;
using Aegis.Core.Profiles;

namespace Aegis.Core.Tests.Policy;

public sealed class RuleTests
{
    private const string Yaml = """
        policies:
          tools_allowed: [git, shell.exec]
          rules:
            - id: main
              tools: git.push
              where: { branch: [main, "release/*"] }
              decision: deny
              reason: main is changed by pull requests
              mend: open one with repo.pr.create
              examples:
                hits: [{ tool: git.push, input: { branch: main } },
                  { tool: git.push, input: { branch: release/1 } }]
                passes: [{ tool: git.push, input: { branch: feat/x } }, { tool: git.push }]
            - id: push
              command: git push
              decision: ask
              reason: somebody looks at it
              examples:
                hits: ["git push origin", "ls && git push", "bash -c 'git push'", "git $x"]
                passes: ["git status", "git pull", "echo git push"]
        """;

    [Fact]
    public void Parse_Rules_AsWritten()
    {
        var rules = Parsed(Yaml);
        Assert.Equal(["main", "push"], rules.Select(r => r.Id));
        Assert.Equal((Decision.Deny, "main is changed by pull requests", "open one with repo.pr.create", 4),
            (rules[0].Decision, rules[0].Reason, rules[0].Mend, rules[0].Examples.Length));
        Assert.Equal(["shell.exec", "process.spawn"], rules[1].Tools.AsEnumerable());
    }

    [Theory]
    [InlineData("hits: [\"git push origin\"", "hits: [\"git pull\"", 19, "AEGIS2510")]
    [InlineData("passes: [\"git status\"", "passes: [\"git push\"", 20, "AEGIS2510")]
    [InlineData("decision: ask", "decision: allow", 16, "AEGIS2314")]
    [InlineData("id: push", "id: main", 14, "AEGIS2314")]
    [InlineData("command: git push", "command: git push; ls", 15, "AEGIS2314")]
    [InlineData("tools: git.push", "tools: git..push", 5, "AEGIS2314")]
    [InlineData("where: { branch", "wher: { branch", 6, "AEGIS2313")]
    [InlineData("reason: somebody looks at it", "mend: x", 14, "AEGIS2315")]
    [InlineData("[git, shell.exec]", "[git, \"*.exec\"]", 2, "AEGIS2314")]
    public void Parse_Wrong_NamesPlaceAndMend(string old, string now, int line, string code)
    {
        var error = Assert.Single(ProfileParser.Parse(Yaml.Replace(old, now, StringComparison.Ordinal),
            "profile.yaml").Errors);
        Assert.Equal((line, code), (error.At.Line, error.Error.Code));
        Assert.NotNull(error.Error.Expected);
        Assert.NotNull(error.Error.Got);
        Assert.NotNull(error.Error.Mend);
    }

    [Fact]
    public void Parse_SeveralWrong_NamesAll() => Assert.Equal(3, ProfileParser.Parse(
        Yaml.Replace("decision: ask", "decision: no", StringComparison.Ordinal)
            .Replace("id: main", "id: \"a b\"", StringComparison.Ordinal)
            .Replace("[git, shell.exec]", "[\"\"]", StringComparison.Ordinal), "p").Errors.Length);

    [Theory]
    [InlineData(RuleFields.RulesMax, 0)]
    [InlineData(RuleFields.RulesMax + 1, 1)]
    public void Parse_RulesMax_IsTheLimit(int count, int errors) => Assert.Equal(errors, ProfileParser.Parse(
        "policies: {rules: [" + string.Join(',', Enumerable.Range(0, count).Select(i =>
            $"{{id: r{i}, decision: deny, reason: x}}")) + "]}", "p").Errors.Length);

    [Theory]
    [InlineData(RuleFields.ExamplesMax, 0)]
    [InlineData(RuleFields.ExamplesMax + 1, 1)]
    public void Parse_ExamplesMax_IsTheLimit(int count, int errors) => Assert.Equal(errors,
        ProfileParser.Parse("policies: {rules: [{id: a, decision: deny, reason: x, examples: {hits: ["
            + string.Join(',', Enumerable.Repeat("ls", count)) + "]}}]}", "p").Errors.Length);

    [Theory]
    [InlineData(RuleFields.PatternsMax, 0)]
    [InlineData(RuleFields.PatternsMax + 1, 1)]
    public void Parse_PatternsMax_IsTheLimit(int count, int errors) => Assert.Equal(errors,
        ProfileParser.Parse("policies: {rules: [{id: a, decision: deny, reason: x, tools: ["
            + string.Join(',', Enumerable.Repeat("git", count)) + "]}]}", "p").Errors.Length);

    [Theory]
    [InlineData(RuleFields.TextMax, 0)]
    [InlineData(RuleFields.TextMax + 1, 1)]
    public void Parse_TextMax_IsTheLimit(int length, int errors) => Assert.Equal(errors, ProfileParser.Parse(
        $"policies: {{rules: [{{id: a, decision: deny, reason: {new string('x', length)}}}]}}", "p")
        .Errors.Length);

    [Theory]
    [InlineData("git", "git.push", true)]
    [InlineData("git.*", "git.push", true)]
    [InlineData("git.push", "git.push", true)]
    [InlineData("git.push", "git.pushes", false)]
    [InlineData("git", "gitx.push", false)]
    [InlineData("git.push.force", "git.push", false)]
    [InlineData("mcp.notion", "mcp.notion.search", true)]
    [InlineData("*", "anything", true)]
    public void ToolPattern_Covers_WholePartsOnly(string pattern, string tool, bool covers) =>
        Assert.Equal(covers, ToolPattern.Covers(pattern, tool));

    [Theory]
    [InlineData(ToolPattern.LengthMax, true)]
    [InlineData(ToolPattern.LengthMax + 1, false)]
    public void ToolPattern_LengthMax_IsTheLimit(int length, bool valid) =>
        Assert.Equal(valid, ToolPattern.IsValid(new string('a', length)));

    [Theory]
    [InlineData("a*c", "abc", true)]
    [InlineData("*", "", true)]
    [InlineData("a*b*c", "a-b-b-c", true)]
    [InlineData("a*b", "abc", false)]
    [InlineData("", "x", false)]
    public void Glob_Star_StandsForAnything(string pattern, string text, bool fits) =>
        Assert.Equal(fits, MemberMatch.Glob(pattern, text));

    [Theory]
    [InlineData("""{"a":{"b":true}}""", true)]
    [InlineData("""{"a":{"b":["x",true]}}""", true)]
    [InlineData("""{"a":{"b":"false"}}""", false)]
    [InlineData("""{"a":"b"}""", false)]
    [InlineData("""[]""", false)]
    public void MemberMatch_Path_LeadsToTheMember(string json, bool fits) =>
        Assert.Equal(fits, new MemberMatch("a.b", ["true"]).Fits(JsonElement.Parse(json)));

    [Theory]
    [InlineData("{}", true)]
    [InlineData("""{"branch":null}""", true)]
    [InlineData("""{"branch":""}""", true)]
    [InlineData("""{"branch":"main"}""", true)]
    [InlineData("""{"branch":"dev"}""", false)]
    public void MemberMatch_EmptyText_StandsForLeftOut(string json, bool fits) =>
        Assert.Equal(fits, new MemberMatch("branch", ["main", ""]).Fits(JsonElement.Parse(json)));

    private static System.Collections.Immutable.ImmutableArray<ArgumentRule> Parsed(string yaml)
    {
        var read = ProfileParser.Parse(yaml, "profile.yaml");
        Assert.Empty(read.Errors);
        return read.Value!.Policies.Rules;
    }
}
