using System.Globalization;
using System.Text.RegularExpressions;
using Aegis.Attack.Tests.Support;

namespace Aegis.Attack.Tests.Malformed;

/// <summary>Requests that ask for what a door does not do, in ways that it does not read. Each answer has its
/// code, and names the member that is meant.</summary>
[Collection(AttackGroup.Name)]
public sealed partial class MalformedRequestTests(AttackFixture server)
{
    [Fact]
    public async Task Requests_OfTheCorpus_AreRefusedAtTheirMember()
    {
        await server.ProjectAsync("corpus", "requests");
        var key = await server.KeyAsync("corpus", "requests", "admin:*");
        var before = await LedgerState.CountsAsync(server.Ledger.Super);
        var wrong = new List<string>();
        using var reader = new StreamReader(
            typeof(Corpus).Assembly.GetManifestResourceStream("malformed.requests")!);
        var cases = Case().Matches(await reader.ReadToEndAsync());
        Assert.True(cases.Count > 60, $"{cases.Count} cases");
        foreach (Match one in cases)
        {
            var (method, path, body) = (one.Groups["method"].Value, one.Groups["path"].Value,
                one.Groups["body"].Value);
            var reply = await server.SendAsync(method, path, key, method is "GET" or "DELETE" ? null : body);
            var pointer = reply.Code is not null && reply.Json.TryGetProperty("pointer", out var at)
                ? at.GetString()
                : "-";
            var got = $"{((int)reply.Status).ToString(CultureInfo.InvariantCulture)} {reply.Code} {pointer}"
                .Trim();
            if (got != one.Groups["expected"].Value.Trim()
                || reply.Text.Contains("System.", StringComparison.Ordinal))
            {
                wrong.Add($"{one.Value}\n  got {got}: {reply.Text}");
            }
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal("", LedgerState.Difference(before, await LedgerState.CountsAsync(server.Ledger.Super)));
    }

    [GeneratedRegex(@"^(?<method>[A-Z]+) (?<path>\S+) \| (?<expected>[^|]+) \| ?(?<body>.*)$",
        RegexOptions.Multiline)]
    private static partial Regex Case();
}
