using Aegis.Core.Findings;
using Aegis.Core.Profiles;

namespace Aegis.Core.Tests.Findings;

/// <summary>What a project changes in the Auditor's rules: read, applied, compared.</summary>
public sealed class AuditRulesTests
{
    private static readonly RuleSet Shipped = RuleSet.Find("auditor")!;
    private static readonly DateTimeOffset Noon = new(2027, 1, 31, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Profile_SaysHowGraveARuleIs_WithReasonAndEnd()
    {
        var rules = Read("""
            blocks_from: warning
            rules:
              aegis-js-open-cors: { severity: off, reason: the API is public, until: 2027-01-31 }
              aegis-dep-no-lock: error
              aegis-js-debug-server: { severity: error, reason: it happened }
            """).Value!.Policies.AuditRules;

        Assert.Equal(FindingSeverity.Warning, rules.BlocksFrom);
        Assert.Equal(new RuleWord(null, "the API is public", new DateOnly(2027, 1, 31)),
            rules.Rules["aegis-js-open-cors"]);
        Assert.Equal(new RuleWord(FindingSeverity.Error, null, null), rules.Rules["aegis-dep-no-lock"]);
        Assert.Equal(["aegis-dep-no-lock", "aegis-js-debug-server", "aegis-js-open-cors"], rules.Rules.Keys);
        Assert.Equal((null, 0), (Read("{}").Value!.Policies.AuditRules.BlocksFrom,
            Read("{}").Value!.Policies.AuditRules.Rules.Count));
    }

    [Theory]
    [InlineData("rules: { r: off }", "AEGIS2652")]
    [InlineData("rules: { r: warning }", "AEGIS2652")]
    [InlineData("rules: { r: { severity: off } }", "AEGIS2652")]
    [InlineData("rules: { r: { severity: off, reason: x } }", "AEGIS2652")]
    [InlineData("rules: { r: { severity: note, until: 2027-01-31 } }", "AEGIS2652")]
    [InlineData("rules: { r: { severity: warning, reason: \" \", until: 2027-01-31 } }", "AEGIS2652")]
    [InlineData("rules: { r: { severity: warning, reason: x, until: tomorrow } }", "AEGIS2314")]
    [InlineData("rules: { r: { severity: awful, reason: x, until: 2027-01-31 } }", "AEGIS2314")]
    [InlineData("rules: { r: { severity: error, until: 2027-01-31 } }", "AEGIS2314")]
    [InlineData("rules: { r: { severity: error, because: x } }", "AEGIS2313")]
    [InlineData("blocks_from: none", "AEGIS2314")]
    [InlineData("allow: everything", "AEGIS2313")]
    public void Profile_ThatIsNotClear_IsRefused(string yaml, string code) =>
        Assert.Contains(code, Read(yaml).Errors.Select(e => e.Error.Code));

    [Fact]
    public void Profile_AtItsLimits_IsRead_AndOnePastIsNot()
    {
        string Rules(int count) => "rules:\n" + string.Concat(
            Enumerable.Range(0, count).Select(i => $"  r{i}: error\n"));
        string Named(int chars) => $"rules: {{ {new string('r', chars)}: error }}";
        string Reasoned(int chars) =>
            $"rules: {{ r: {{ severity: off, until: 2027-01-31, reason: {new string('x', chars)} }} }}";
        foreach (var (text, max) in new (Func<int, string>, int)[] { (Rules, AuditRules.RulesMax),
            (Named, AuditRules.RuleCharsMax), (Reasoned, AuditRules.ReasonCharsMax) })
        {
            Assert.Empty(Read(text(max)).Errors);
            Assert.NotEmpty(Read(text(max + 1)).Errors);
        }
    }

    [Fact]
    public void RuleSet_HasAnotherHash_WhereAnythingIsOther_AndItsOwnWhereNothingIs()
    {
        var waiver = Rule("r", new RuleWord(null, "x", new DateOnly(2027, 1, 31)));

        Assert.Same(Shipped, Shipped.With(AuditRules.None, Noon));
        Assert.Same(Shipped, Shipped.With(AuditRules.None with { BlocksFrom = FindingSeverity.Error }, Noon));
        Assert.NotEqual(Shipped.Hash, Shipped.With(waiver, Noon).Hash);
        Assert.Equal(64, Shipped.With(waiver, Noon).Hash.Length);
        Assert.Equal(Shipped.With(waiver, Noon).Hash, Shipped.With(
            Rule("r", new RuleWord(null, "in other words", new DateOnly(2027, 3, 1))), Noon).Hash);
        Assert.NotEqual(Shipped.With(waiver, Noon).Hash,
            Shipped.With(Rule("r", new RuleWord(FindingSeverity.Note, "x", null)), Noon).Hash);
        Assert.NotEqual(Shipped.Hash,
            Shipped.With(AuditRules.None with { BlocksFrom = FindingSeverity.Note }, Noon).Hash);
    }

    [Theory]
    [InlineData("2027-01-31T23:59:59Z", true)]
    [InlineData("2027-02-01T00:00:00Z", false)]
    public void Waiver_HoldsThroughItsLastDay(string now, bool isInForce)
    {
        var at = DateTimeOffset.Parse(now, System.Globalization.CultureInfo.InvariantCulture);
        var rules = Shipped.With(Rule("r", new RuleWord(null, "x", new DateOnly(2027, 1, 31))), at);

        Assert.Equal(!isInForce, rules.Hash == Shipped.Hash);
        Assert.Equal(!isInForce, rules.Blocks(rules.Judge(Found("r", FindingSeverity.Error))));
    }

    [Fact]
    public void Finding_OfARuleThatIsOff_StaysAsANoteThatSaysSo_AndOthersAreAsTheyWere()
    {
        var rules = Shipped.With(Rule("r", new RuleWord(null, "x", new DateOnly(2027, 1, 31))), Noon);

        Assert.Equal(
            Found("r", FindingSeverity.Note) with { Message = "m (by the profile off until 2027-01-31: x)" },
            rules.Judge(Found("r", FindingSeverity.Error)));
        Assert.Equal(Found("s", FindingSeverity.Error), rules.Judge(Found("s", FindingSeverity.Error)));
        var stricter = Shipped.With(Rule("r", new RuleWord(FindingSeverity.Error, null, null)), Noon);
        Assert.True(stricter.Blocks(stricter.Judge(Found("r", FindingSeverity.Note))));
    }

    [Theory]
    [InlineData(null, "off", true)]
    [InlineData(null, "warning", true)]
    [InlineData(null, "error", false)]
    [InlineData("off", null, false)]
    [InlineData("off", "note", false)]
    [InlineData("note", "warning", false)]
    [InlineData("note", null, false)]
    [InlineData("note", "off", true)]
    [InlineData("warning", null, true)]
    [InlineData("error", null, true)]
    [InlineData("error", "warning", true)]
    public void Change_IsLooser_UnlessItIsSurelyStricter(string? from, string? to, bool loosens)
    {
        AuditRules Of(string? word) => word is null ? AuditRules.None : Rule("r", new RuleWord(
            word == "off" ? null : Enum.Parse<FindingSeverity>(word, true), "x",
            word == "error" ? null : new DateOnly(2027, 1, 31)));
        var change = Assert.Single(AuditRules.Changes(Of(from), Of(to)));

        Assert.Equal(("r", from ?? "own", to ?? "own", loosens),
            (change.Rule, change.From, change.To, change.Loosens));
    }

    [Fact]
    public void Change_OfTheEnd_IsLooserWhereItIsLater_AndOfWordsAloneIsNone()
    {
        AuditRules Until(int day, string why = "x") =>
            Rule("r", new RuleWord(null, why, new DateOnly(2027, 1, day)));

        Assert.True(Assert.Single(AuditRules.Changes(Until(10), Until(11))).Loosens);
        Assert.False(Assert.Single(AuditRules.Changes(Until(11), Until(10))).Loosens);
        Assert.Empty(AuditRules.Changes(Until(10), Until(10, "in other words")));
        Assert.True(Assert.Single(AuditRules.Changes(
            AuditRules.None with { BlocksFrom = FindingSeverity.Note }, AuditRules.None)).Loosens);
        Assert.False(Assert.Single(AuditRules.Changes(
            AuditRules.None, AuditRules.None with { BlocksFrom = FindingSeverity.Note })).Loosens);
    }

    private static AuditRules Rule(string rule, RuleWord word) =>
        AuditRules.None with { Rules = AuditRules.None.Rules.Add(rule, word) };

    private static Finding Found(string rule, FindingSeverity severity) =>
        new(rule, "code", severity, "a.js", 1, null, "m");

    private static ParseResult<Profile> Read(string rules) => ProfileParser.Parse(
        "policies:\n  audit_rules:\n" + string.Concat(rules.Split('\n').Select(l => $"    {l}\n")), "p");
}
