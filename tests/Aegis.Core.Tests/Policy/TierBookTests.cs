using Aegis.Core.Policy.Tiers;

namespace Aegis.Core.Tests.Policy;

public sealed class TierBookTests
{
    [Fact]
    public void BuiltIn_IsDocument1s()
    {
        var tiers = TierBook.BuiltIn.Tiers;
        Assert.Equal(["basico", "gratis", "pro"], tiers.Keys);
        Assert.Equal(["git status", "git diff", "ls", "cat", "grep"],
            tiers["gratis"].Commands.AsEnumerable());
        Assert.Equal(12, tiers["basico"].Commands.Length);
        Assert.Equal("bash -lc *", tiers["pro"].Commands[^1]);
        Assert.All(tiers.Values, t => Assert.Equal(TierQuotas.None, t.Quotas));
    }

    [Fact]
    public void Parse_WithQuotas_ReadsBothForms()
    {
        var read = TierBookParser.Parse("""
            { "a": ["ls"],
              "b": { "commands": ["git *"],
                     "quotas": { "calls_minute": 60, "calls_month": 1000, "tokens_month": 5000,
                                 "usd_day": 0.5 } } }
            """, "allowlist.json");
        Assert.Empty(read.Errors);
        Assert.Equal(new TierQuotas(60, new(UsdDay: 0.5m, TokensMonth: 5000, CallsMonth: 1000)),
            read.Value!.Tiers["b"].Quotas);
        Assert.Equal(["git *"], read.Value.Tiers["b"].Commands.AsEnumerable());
    }

    [Fact]
    public void Parse_AnotherText_HasAnotherVersion() =>
        Assert.NotEqual(TierBookParser.Parse("{a: [ls]}", "f").Value!.Version,
            TierBookParser.Parse("{a: [cat]}", "f").Value!.Version);

    [Theory]
    [InlineData("", 1, 1, "AEGIS2315")]
    [InlineData("[]", 1, 1, "AEGIS2314")]
    [InlineData("{}", 1, 1, "AEGIS2314")]
    [InlineData("{\"a\": \"ls\"}", 1, 7, "AEGIS2314")]
    [InlineData("{\"a\": [\"ls; rm\"]}", 1, 8, "AEGIS1143")]
    [InlineData("{\"a\": [1, [2]]}", 1, 11, "AEGIS2314")]
    [InlineData("{\"a\": {\"commands\": [\"ls\"], \"quota\": {}}}", 1, 28, "AEGIS2313")]
    [InlineData("{\"a\": {}}", 1, 7, "AEGIS2314")]
    [InlineData("{\"a b\": [\"ls\"]}", 1, 2, "AEGIS2314")]
    [InlineData("{\"a\": {\"commands\": [\"ls\"], \"quotas\": {\"calls_minute\": 0}}}", 1, 55, "AEGIS2314")]
    [InlineData("{\"a\": {\"commands\": [\"ls\"], \"quotas\": {\"usd_week\": 1}}}", 1, 39, "AEGIS2313")]
    [InlineData("{\"a\": {\"commands\": [\"ls\"], \"quotas\": {\"usd_day\": -1}}}", 1, 50, "AEGIS2314")]
    [InlineData("{\"a\": [\"ls\"", 2, 1, "AEGIS2310")]
    public void Parse_Wrong_NamesThePlace(string text, int line, int column, string code)
    {
        var error = Assert.Single(TierBookParser.Parse(text, "allowlist.json").Errors);
        Assert.Equal((line, column, code), (error.At.Line, error.At.Column, error.Error.Code));
    }

    [Theory]
    [InlineData(TierBookParser.TiersMax, 0)]
    [InlineData(TierBookParser.TiersMax + 1, 1)]
    public void Parse_TiersMax_IsTheLimit(int count, int errors) => Assert.Equal(errors,
        TierBookParser.Parse("{" + string.Join(',', Enumerable.Range(0, count).Select(i => $"t{i}: [ls]"))
            + "}", "f").Errors.Length);

    [Theory]
    [InlineData(TierBookParser.CommandsMax, 0)]
    [InlineData(TierBookParser.CommandsMax + 1, 1)]
    public void Parse_CommandsMax_IsTheLimit(int count, int errors) => Assert.Equal(errors,
        TierBookParser.Parse("{a: [" + string.Join(',', Enumerable.Repeat("ls", count)) + "]}", "f")
            .Errors.Length);

    [Theory]
    [InlineData(TierBookParser.CharsMax, 0)]
    [InlineData(TierBookParser.CharsMax + 1, 1)]
    public void Parse_CharsMax_IsTheLimit(int length, int errors) => Assert.Equal(errors,
        TierBookParser.Parse("{a: [ls]}".PadRight(length), "f").Errors.Length);
}
