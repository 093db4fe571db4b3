using Aegis.Core;
using Aegis.Core.Plans;
using Aegis.Core.Profiles;

namespace Aegis.Models.Tests;

public sealed class ProfileParserTests
{
    internal const string Documented = """
        profile_id: medluxe_v1
        models:
          reasoning: gpt-4o-mini
          extraction: gpt-4o-mini
          creative: gpt-4o
        rag:
          collections:
            - name: ctx_medluxe_q4
              filters: {tenant_id: t-medluxe, project_id: p-q4}
        policies:
          tools_allowed: [mcp.notion, mcp.drive, mcp.http]
          rate_limits:
            mcp.http: {rpm: 60}
            mcp.notion: {rpm: 30}
          quotas:
            tokens_month: 5_000_000
        """;

    [Fact]
    public void Parse_TheDocumentsProfile_ReadsAllOfIt()
    {
        var profile = Read(Documented);
        Assert.Equal("medluxe_v1", profile.ProfileId);
        Assert.Equal(["creative", "extraction", "reasoning"], profile.Models.Keys);
        Assert.Equal(new ModelCandidate("gpt-4o"), Assert.Single(profile.Models["creative"].Candidates));
        Assert.Equal("ctx_medluxe_q4", profile.Rag.Single().Name);
        Assert.Equal("t-medluxe", profile.Rag.Single().Filters["tenant_id"]);
        Assert.Equal(["mcp.notion", "mcp.drive", "mcp.http"], profile.Policies.ToolsAllowed.AsEnumerable());
        Assert.Equal(60, profile.Policies.RequestsPerMinute["mcp.http"]);
        Assert.Equal(5_000_000, profile.Policies.Quotas.TokensMonth);
        Assert.Null(profile.Rehearsal);
    }

    [Fact]
    public void Parse_ProvidersAliasesAndRehearsal_AreRead()
    {
        var profile = Read("""
            rehearsal: rehearsals/plan.yaml
            providers:
              house:
                base_url: http://127.0.0.1:8000/v1
              outside:
                base_url: https://models.example/v1
                api_key_env: MODELS_KEY
                prices:
                  big-1: {input_usd_per_million: 2.5, output_usd_per_million: 10}
            models:
              reasoning: {provider: outside, model: big-1}
              quick:
                provider: house
                model: tiny
                price: {input_usd_per_million: 0, output_usd_per_million: 0}
            """);
        Assert.Equal("rehearsals/plan.yaml", profile.Rehearsal);
        Assert.Equal("MODELS_KEY", profile.Providers["outside"].KeyName);
        Assert.Equal(new TokenPrice(2.5m, 10m), profile.Providers["outside"].Prices["big-1"]);
        Assert.Equal(new ModelCandidate("tiny", "house", Price: new TokenPrice(0, 0)),
            Assert.Single(profile.Models["quick"].Candidates));
        Assert.Equal((4_000, 0.1, TimeSpan.FromHours(1), false), (profile.Generation.TokensMax,
            profile.Generation.Temperature, profile.Cache.Lifetime, profile.IsLocal));
    }

    [Fact]
    public void Parse_Catalogued_AliasesAndDefaults_AreRead()
    {
        var profile = Read("""
            locality: local
            generation: {max_tokens: 100, temperature: provider}
            cache: {ttl_seconds: 2_592_000, temperature_max: 2, scope: tenant, prompts: false}
            providers:
              groq: {}
              azure: {api_key: OURS, placeholders: {resource: acme}}
            models:
              fast: [one, {provider: groq, model: two}]
              coding: {tools: true, min_context: 100_000, max_input_usd: 0.5, kinds: [chat], locality: local}
            """);
        Assert.Equal((100, null, TimeSpan.FromDays(30), true), (profile.Generation.TokensMax,
            profile.Generation.Temperature, profile.Cache.Lifetime, profile.IsLocal));
        Assert.Equal(new CacheProfile(TimeSpan.FromDays(30), 2, true, false), profile.Cache);
        Assert.Equal((null, null), (profile.Providers["groq"].BaseUrl, profile.Providers["groq"].KeyName));
        Assert.Equal(("OURS", "acme"), (profile.Providers["azure"].KeyName,
            profile.Providers["azure"].Placeholders["resource"]));
        Assert.Equal([new ModelCandidate("one"), new ModelCandidate("two", "groq")],
            profile.Models["fast"].Candidates.AsEnumerable());
        var filter = profile.Models["coding"].Filter!;
        Assert.Equal((true, false, 100_000L, 0.5m, true), (filter.Tools, filter.JsonSchema,
            filter.ContextTokensMin, filter.InputUsdMax, profile.Models["coding"].IsLocal));
    }

    [Fact]
    public void Parse_Sandbox_IsWhatCommandsNeed()
    {
        var profile = ProfileParser.Parse(
            "sandbox: {kind: microvm, image: base, walls: [memory, cpu]}", "p").Value!;
        Assert.Equal(("microvm", "base", "memory, cpu"), (profile.Sandbox.Kind, profile.Sandbox.Image,
            string.Join(", ", profile.Sandbox.Walls)));
        Assert.Equal(SandboxProfile.Default, ProfileParser.Parse("", "p").Value!.Sandbox);
    }

    [Fact]
    public void Parse_SeveralErrors_ReportsEachAtItsPlace()
    {
        var result = ProfileParser.Parse("""
            profile_id: "-x"
            modles: {}
            providers:
              a: {api_key_env: sk-abcdef}
              b: {base_url: "http://models.example/v1", api_key_env: B_KEY}
            policies:
              quotas: {tokens_month: many}
            """, "profile.yaml");
        Assert.Null(result.Value);
        Assert.Equal(
            [(1, 13, "AEGIS2314"), (2, 1, "AEGIS2313"), (4, 20, "AEGIS2314"),
                (5, 17, "AEGIS2314"), (7, 26, "AEGIS2314")],
            result.Errors.Select(e => (e.At.Line, e.At.Column, e.Error.Code)));
        Assert.All(result.Errors, e => Assert.DoesNotContain("sk-abcdef", e.ToString(),
            StringComparison.Ordinal));
    }

    [Fact]
    public void Parse_Record_IsTheNameOfARecording()
    {
        var longest = new string('a', Profile.RecordCharsMax);
        Assert.Equal(longest, ProfileParser.Parse($"record: {longest}", "p").Value!.Record);
        Assert.Null(ProfileParser.Parse("models: {}", "p").Value!.Record);
    }

    [Theory]
    [InlineData("a: &x 1\nmodels: *x", "AEGIS2312")]
    [InlineData("models: {a: b, a: c}", "AEGIS2312")]
    [InlineData("models: !!map {}", "AEGIS2312")]
    [InlineData("models: {}\n---\nmodels: {}", "AEGIS2312")]
    [InlineData("models: [", "AEGIS2310")]
    [InlineData("- a", "AEGIS2314")]
    [InlineData("rehearsal: ../other.yaml", "AEGIS2314")]
    [InlineData("rehearsal: /etc/passwd", "AEGIS2314")]
    [InlineData("record: a/b", "AEGIS2314")]
    [InlineData("record: a\nrehearsal: r.yaml", "AEGIS2314")]
    [InlineData("record: a23456789012345678901234567890123456789012345678x", "AEGIS2314")]
    [InlineData("egress_allow: ['https://a']", "AEGIS2314")]
    [InlineData("egress_allow: a.example", "AEGIS2314")]
    [InlineData("sandbox: {kind: chroot}", "AEGIS2314")]
    [InlineData("sandbox: {kind: container}", "AEGIS2315")]
    [InlineData("sandbox: {kind: container, image: ../x}", "AEGIS2314")]
    [InlineData("sandbox: {image: x}", "AEGIS2314")]
    [InlineData("sandbox: {walls: [moat]}", "AEGIS2314")]
    [InlineData("providers: {a: {base_url: 'ftp://x'}}", "AEGIS2314")]
    [InlineData("providers: {a: {base_url: 'https://u:p@x'}}", "AEGIS2314")]
    [InlineData("policies: {rate_limits: {x: {rpm: 0}}}", "AEGIS2314")]
    [InlineData("policies: {rate_limits: {x: {rpm: 1.5}}}", "AEGIS2314")]
    [InlineData("policies: {rate_limits: {x: {}}}", "AEGIS2315")]
    [InlineData("policies: {max_agents: 0}", "AEGIS2314")]
    [InlineData("policies: {max_agents: 17}", "AEGIS2314")]
    [InlineData("policies: {approvals: support}", "AEGIS2314")]
    [InlineData("policies: {approvals: {help: [support]}}", "AEGIS2314")]
    [InlineData("policies: {approvals: {help: ''}}", "AEGIS2314")]
    [InlineData("policies: {approvals: {help: -support}}", "AEGIS2314")]
    [InlineData("policies: {approvals: {'a b': support}}", "AEGIS2314")]
    [InlineData("models: {a: {provider: x}}", "AEGIS2315")]
    [InlineData("models: {a: {model: x, tools: true}}", "AEGIS2314")]
    [InlineData("models: {a: {tools: maybe}}", "AEGIS2314")]
    [InlineData("models: {a: {kinds: [poetry]}}", "AEGIS2314")]
    [InlineData("models: {a: {model: x, locality: remote}}", "AEGIS2314")]
    [InlineData("models: {a: []}", "AEGIS2314")]
    [InlineData("models: {a: [{provider: x}]}", "AEGIS2315")]
    [InlineData("locality: remote", "AEGIS2314")]
    [InlineData("generation: {max_tokens: 0}", "AEGIS2314")]
    [InlineData("generation: {max_tokens: 1_000_001}", "AEGIS2314")]
    [InlineData("generation: {temperature: 2.1}", "AEGIS2314")]
    [InlineData("generation: {temperature: model}", "AEGIS2314")]
    [InlineData("cache: {ttl_seconds: -1}", "AEGIS2314")]
    [InlineData("cache: {ttl_seconds: 2_592_001}", "AEGIS2314")]
    [InlineData("cache: {temperature_max: 2.01}", "AEGIS2314")]
    [InlineData("cache: {scope: house}", "AEGIS2314")]
    [InlineData("cache: {prompts: some}", "AEGIS2314")]
    [InlineData("providers: {a: {locality: local}}", "AEGIS2314")]
    [InlineData("providers: {a: {api_key: X, api_key_env: Y}}", "AEGIS2314")]
    [InlineData("providers: {a: {placeholders: {region: 'a.b'}}}", "AEGIS2314")]
    [InlineData("providers: {a: {base_url: 'https://x', placeholders: {region: a}}}", "AEGIS2314")]
    [InlineData("providers: {a: {base_url: 'http://gpu:8000', api_key: X}}", "AEGIS2314")]
    public void Parse_WrongFile_IsRefused(string text, string code) =>
        Assert.Contains(ProfileParser.Parse(text, "p.yaml").Errors, e => e.Error.Code == code);

    [Theory]
    [InlineData("policies: {max_agents: 1}", 1)]
    [InlineData("policies: {max_agents: 16}", 16)]
    [InlineData("policies: {}", null)]
    public void Parse_AgentsAtOnce_UpToTheLimit(string text, int? agents) =>
        Assert.Equal(agents, Read(text).Policies.MaxAgents);

    [Theory]
    [InlineData(ApprovalTopics.TopicsMax, IdRule.LengthMax, true)]
    [InlineData(ApprovalTopics.TopicsMax + 1, 1, false)]
    [InlineData(1, IdRule.LengthMax + 1, false)]
    public void Parse_QueuesOfApprovals_UpToTheLimits(int topics, int length, bool good)
    {
        var queue = new string('q', length);
        var result = ProfileParser.Parse("policies: {approvals: {"
            + string.Join(", ", Enumerable.Range(0, topics).Select(n => $"topic-{n}: {queue}")) + "}}",
            "p.yaml");
        Assert.Equal(good ? topics : null, result.Value?.Policies.Approvals.Length);
        Assert.Equal(good, !result.Errors.Any());
        Assert.All(result.Value?.Policies.Approvals ?? [], q => Assert.Equal(queue, q.Queue));
    }

    [Theory]
    [InlineData("")]
    [InlineData("# nothing yet\n")]
    [InlineData("models:\n")]
    public void Parse_NothingInIt_IsTheEmptyProfile(string text) => Assert.Empty(Read(text).Models);

    [Fact]
    public void Parse_LengthAndDepthAtTheLimitAndPast()
    {
        var longest = "# " + new string('x', ProfileParser.CharsMax - 2);
        Assert.True(ProfileParser.Parse(longest, "p.yaml").Ok);
        Assert.Equal("AEGIS2311", ProfileParser.Parse(longest + "x", "p.yaml").Errors.Single().Error.Code);
        var deep = "rag: " + new string('[', 400) + new string(']', 400);
        Assert.Equal("AEGIS2310", ProfileParser.Parse(deep, "p.yaml").Errors.Single().Error.Code);
    }

    private static Profile Read(string text)
    {
        var result = ProfileParser.Parse(text, "profile.yaml");
        Assert.Empty(result.Errors);
        return result.Value!;
    }
}
