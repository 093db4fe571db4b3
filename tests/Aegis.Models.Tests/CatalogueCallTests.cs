using Aegis.Core.Catalogue;
using Aegis.Core.Errors;
using Aegis.Core.Profiles;
using Aegis.Tests.Shared;

namespace Aegis.Models.Tests;

/// <summary>Calls to providers as the catalogue describes them.</summary>
public sealed class CatalogueCallTests
{
    private const string Key = "key-0123456789abcdef";
    private static readonly ModelRequest Ask = new([new("user", "hello")], Model: "tiny");

    [Theory]
    [InlineData("{ kind: bearer, secret: A_API_KEY }", $"Bearer {Key}", null, "")]
    [InlineData("{ kind: header, name: x-key, secret: A_API_KEY }", null, Key, "")]
    [InlineData("{ kind: query, name: key, secret: A_API_KEY }", null, null, $"?key={Key}")]
    [InlineData("{ kind: none }", null, null, "")]
    public async Task Key_IsShownAsTheProviderWants(string auth, string? bearer, string? header, string query)
    {
        await using var server = ChatServer.Replying("ok");
        using var door = Door(server, auth);
        await door.ChatAsync(Read("providers: { a: {} }"), null, Ask, null, default);
        var sent = Assert.Single(server.Requests);
        Assert.Equal((bearer, header, query), (sent.Authorization, sent.Headers["x-key"], sent.Query));
        Assert.Equal("1", sent.Headers["x-version"]);
    }

    [Fact]
    public async Task Key_ThatAProfileNamesForAServerWithoutOne_IsABearer()
    {
        await using var server = ChatServer.Replying("ok");
        using var door = Door(server, "{ kind: none }");
        await door.ChatAsync(Read("providers: { a: { api_key: A_API_KEY } }"), null, Ask, null, default);
        Assert.Equal($"Bearer {Key}", server.Requests.Single().Authorization);
    }

    [Fact]
    public async Task Defaults_AreTheProfiles_AndWhatTheModelDoesNotKnowIsNotSent()
    {
        await using var server = ChatServer.Replying("ok");
        using var door = Door(server, "{ kind: none }");
        await door.ChatAsync(Read("providers: { a: {} }"), null, Ask with { Model = "plain" }, null, default);
        await door.ChatAsync(
            Read("providers: { a: {} }\ngeneration: { max_tokens: 7, temperature: provider }"), null,
            Ask with { Model = "plain" }, null, default);
        await door.ChatAsync(Read("providers: { a: {} }"), null, Ask, null, default);
        await door.ChatAsync(Read("providers: { a: {} }"), null, Ask with { MaxTokens = 5, Temperature = 1 },
            null, default);
        Assert.Equal(["4000 0.1", "7 -", "100 -", "5 -"], server.Requests.Select(r =>
            $"{r.Body.GetProperty("max_completion_tokens").GetInt32()} "
            + (r.Body.TryGetProperty("temperature", out var t) ? t.GetDouble().ToString("0.##") : "-")));
        Assert.All(server.Requests, r => Assert.False(r.Body.TryGetProperty("max_tokens", out _)));
    }

    [Fact]
    public async Task Keys_OfTheCaller_ComeBeforeTheHosts()
    {
        await using var server = ChatServer.Replying("ok");
        using var door = Door(server, "{ kind: bearer, secret: A_API_KEY }");
        var profile = Read("providers: { a: {} }");
        await door.ChatAsync(profile, null, Ask, null, default,
            keys: (name, address, _) => ValueTask.FromResult<string?>($"{name} at {address}"));
        await door.ChatAsync(
            profile, null, Ask, null, default, keys: (_, _, _) => ValueTask.FromResult<string?>(null));
        Assert.Equal([$"Bearer A_API_KEY at {server.Url}", $"Bearer {Key}"],
            server.Requests.Select(r => r.Authorization));
    }

    [Fact]
    public async Task HostsKey_OfAProviderOfTheCatalogue_GoesNowhereElse()
    {
        await using var server = ChatServer.Replying("ok");
        await using var other = ChatServer.Replying("stolen");
        using var door = Door(server, "{ kind: bearer, secret: A_API_KEY }");
        var drawn = Read($"providers: {{ evil: {{ base_url: '{other.Url}', api_key: A_API_KEY }} }}");
        Assert.Equal("AEGIS2323", (await Refused(door, drawn, Ask)).Code);
        Assert.Empty(other.Requests);
        // a name that the catalogue does not know is the operator's to keep, as before
        await door.ChatAsync(
            Read($"providers: {{ own: {{ base_url: '{other.Url}', api_key: OTHER_API_KEY }} }}"), null, Ask,
            null, default);
        Assert.Equal($"Bearer {Key}", other.Requests.Single().Authorization);
    }

    [Theory]
    [InlineData("providers: { a: {} }\nlocality: local", "AEGIS2354")]
    [InlineData("providers: { b: {} }\nlocality: local", null)]
    [InlineData("providers: { own: { base_url: '<url>' } }\nlocality: local", "AEGIS2354")]
    [InlineData("providers: { own: { base_url: '<url>', locality: local } }\nlocality: local", null)]
    [InlineData("providers: { own: { base_url: '<away>', locality: local } }\nlocality: local", "AEGIS2355")]
    [InlineData("providers: { own: { base_url: '<away>', locality: local } }\n"
        + "models: { tiny: { provider: own, model: tiny, locality: local } }", "AEGIS2355")]
    [InlineData("providers: { own: { base_url: '<url>', locality: local } }\n"
        + "models: { tiny: { provider: own, model: tiny, base_url: '<url>', locality: local } }",
        "AEGIS2354")]
    public async Task Locality_FailsClosed(string profile, string? code)
    {
        await using var server = ChatServer.Replying("ok");
        using var door = Door(server, "{ kind: none }");
        // an address of documentation (RFC 5737): nobody is there, and none may be asked
        var yaml = profile.Replace("<url>", server.Url.ToString(), StringComparison.Ordinal)
            .Replace("<away>", "http://192.0.2.1:8000/v1", StringComparison.Ordinal);
        if (code is null)
        {
            await door.ChatAsync(Read(yaml), null, Ask, null, default);
            Assert.Single(server.Requests);
            return;
        }
        Assert.Equal(code, (await Refused(door, Read(yaml), Ask)).Code);
        Assert.Empty(server.Requests);
    }

    [Fact]
    public async Task Locality_OfAHostThatTheOperatorLists_IsBelieved()
    {
        await using var server = ChatServer.Replying("ok");
        var away = Read("providers: { own: { base_url: 'http://192.0.2.1:8000/v1', locality: local } }\n"
            + "locality: local");
        using var other = Door(server, "{ kind: none }", "192.0.2.1:8001");
        Assert.Equal("AEGIS2355", (await Refused(other, away, Ask)).Code);
        // nobody answers there, but now it is asked
        using var listed = Door(server, "{ kind: none }", "192.0.2.1:8000");
        Assert.True((await Refused(listed, away, Ask)).Code is "AEGIS2327" or "AEGIS2328");
    }

    [Theory]
    [InlineData("providers: { nobody: {} }", "AEGIS2350")]
    [InlineData("providers: { cloud: {} }", "AEGIS2351")]
    [InlineData("providers: { far: { api_key: A_API_KEY } }", "AEGIS2358")]
    [InlineData("providers: { a: {} }\nmodels: { tiny: { min_context: 1 } }", "AEGIS2357")]
    public async Task Provider_ThatCannotBeCalled_SaysWhy(string profile, string code)
    {
        await using var server = ChatServer.Replying("ok");
        using var door = Door(server, "{ kind: none }");
        Assert.Equal(code, (await Refused(door, Read(profile), Ask)).Code);
        Assert.Empty(server.Requests);
    }

    private static ModelDoor Door(ChatServer server, string auth, params string[] localHosts)
    {
        const string Page = "source: 'https://x', read: 2026-01-02";
        var catalogue = CatalogueParser.Parse($$"""
            providers:
              a:
                base_url: {{server.Url}}
                protocol: openai
                auth: {{auth}}
                locality: local
                headers: { x-version: "1" }
                output_limit: max_completion_tokens
                source: "https://x"
                read: 2026-01-02
                models:
                  plain: { kinds: [chat], {{Page}} }
                  tiny: { kinds: [chat], output_tokens_max: 100, temperature: false, {{Page}} }
              cloud: { base_url: "https://{region}.example/v1", protocol: openai, locality: remote,
                       auth: { kind: none }, {{Page}} }
              talk: { base_url: "https://talk.example/v1", protocol: anthropic, locality: remote,
                      auth: { kind: none }, {{Page}} }
              far: { base_url: "http://192.0.2.1/v1", protocol: openai, locality: local,
                     auth: { kind: none }, {{Page}} }
            """, "m.yaml", ModelCatalogue.None);
        Assert.Empty(catalogue.Errors);
        // the same place twice is refused in a file: a remote and a local one by two names of this machine
        var far = catalogue.Value!.Providers["a"];
        var both = new ModelCatalogue(catalogue.Value.Providers
            .SetItem("a", far with { Locality = Locality.Remote }).Add("b", far with { Name = "b" }));
        return new ModelDoor(_ => Key, new() { Catalogue = () => both, LocalHosts = [.. localHosts],
            Timeout = TimeSpan.FromSeconds(5) });
    }

    private static Profile Read(string yaml)
    {
        var read = ProfileParser.Parse(yaml, "profile.yaml");
        Assert.Empty(read.Errors);
        return read.Value!;
    }

    private static async Task<AegisError> Refused(ModelDoor door, Profile profile, ModelRequest request) =>
        (await Assert.ThrowsAsync<AegisException>(async () =>
            await door.ChatAsync(profile, null, request, null, default))).Error;
}
