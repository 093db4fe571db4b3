using System.Collections.Immutable;
using Aegis.Core.Discovery;
using Aegis.Core.Catalogue;
using Aegis.Core.Profiles;
using Aegis.Discovery.Servers;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests;

/// <summary>Servers of models on loopback: real HTTP servers that answer as those do whose shapes
/// contracts/model-servers.yaml names.</summary>
public sealed class ModelServerTests
{
    private static readonly Dictionary<string, Dictionary<string, string>> Shapes = new()
    {
        ["ollama"] = new()
        {
            ["/api/version"] = """{"version":"0.12.6"}""",
            ["/api/tags"] = """
                {"models":[{"name":"gemma3:4b","model":"gemma3:4b","modified_at":"2025-10-03T23:34:03Z",
                "size":3338801804,"digest":"a2af6cc3","details":{"format":"gguf","family":"gemma"}}]}
                """,
        },
        ["vllm"] = new()
        {
            ["/version"] = """{"version":"0.11.0"}""",
            ["/v1/models"] = """
                {"object":"list","data":[{"id":"Qwen/Qwen3-0.6B","object":"model","created":1,
                "owned_by":"vllm","root":"Qwen/Qwen3-0.6B","parent":null,"max_model_len":40960}]}
                """,
        },
        ["llama.cpp"] = new()
        {
            ["/health"] = """{"status":"ok"}""",
            ["/props"] = """
                {"default_generation_settings":{"n_ctx":65536},"total_slots":4,"build_info":"b8681-Debian",
                "model_path":"/srv/tiny.gguf"}
                """,
            ["/v1/models"] = """
                {"object":"list","data":[{"id":"/srv/tiny.gguf","object":"model","owned_by":"llamacpp"}]}
                """,
        },
        ["lm-studio"] = new()
        {
            ["/api/v0/models"] = """
                {"object":"list","data":[{"id":"granite-4-micro","object":"model","type":"llm",
                "publisher":"ibm","compatibility_type":"gguf","state":"not-loaded"}]}
                """,
            ["/v1/models"] = """
                {"object":"list","data":[{"id":"granite-4-micro","object":"model","owned_by":"ibm"}]}
                """,
        },
    };

    [Theory]
    [InlineData("ollama", "0.12.6", "gemma3:4b", 3338801804L)]
    [InlineData("vllm", "0.11.0", "Qwen/Qwen3-0.6B", null)]
    [InlineData("llama.cpp", "b8681-Debian", "/srv/tiny.gguf", null)]
    [InlineData("lm-studio", null, "granite-4-micro", null)]
    public async Task Server_IsToldByItsAnswers_AndByNoOthers(
        string name, string? version, string model, long? bytes)
    {
        await using var server = Serving(Shapes[name]);
        var found = Assert.Single(await LookAsync([.. ModelServerCatalogue.BuiltIn.Servers.Keys
            .Select(known => (known, server.Port))]));
        Assert.Equal((name, version, false, new Uri($"http://127.0.0.1:{server.Port}/v1"), 0),
            (found.Known.Name, found.Version, found.NeedsKey, found.Address, found.More));
        Assert.Equal(new ServedModel(model, bytes), Assert.Single(found.Models));
    }

    [Theory]
    [InlineData("<html>hello</html>", "200 OK")]
    [InlineData("""{"version":7,"status":"down","data":{}}""", "200 OK")]
    [InlineData("[]", "200 OK")]
    [InlineData("", "404 Not Found")]
    [InlineData("", "401 Unauthorized")]
    [InlineData("", "302 Found")]
    public async Task AnotherProgram_OnThePort_IsNotShown(string body, string status)
    {
        await using var elsewhere = Serving(Shapes["ollama"]);
        await using var server = new LoopbackServer(_ => LoopbackServer.Status(status, body,
            status.StartsWith('3') ? $"Location: {elsewhere.Url("/api/version")}\r\n" : ""));
        Assert.Empty(await LookAsync([.. ModelServerCatalogue.BuiltIn.Servers.Keys
            .Select(known => (known, server.Port))]));
        Assert.Empty(elsewhere.Asked);
    }

    [Fact]
    public async Task NobodyThere_IsNothing()
    {
        int port;
        await using (var server = Serving([]))
        {
            port = server.Port;
        }
        Assert.Empty(await LookAsync([("ollama", port), ("vllm", port)]));
    }

    [Fact]
    public async Task ServerThatDoesNotAnswer_HidesNoOther()
    {
        await using var silent = new LoopbackServer(_ => null);
        await using var server = Serving(Shapes["ollama"]);
        var found = await LookAsync(
            [("vllm", silent.Port), ("ollama", server.Port)], TimeSpan.FromSeconds(10));
        Assert.Equal(["ollama"], found.Select(s => s.Known.Name));
    }

    [Theory]
    [InlineData("vllm", "/version")]
    [InlineData("llama.cpp", "/health")]
    public async Task ServerWithKeys_IsShown_WithoutItsModels(string name, string open)
    {
        await using var server = new LoopbackServer(head => head.Split(' ')[1] == open
            ? LoopbackServer.Ok(Shapes[name][open]) : LoopbackServer.Status("401 Unauthorized"));
        var found = Assert.Single(await LookAsync([(name, server.Port)]));
        Assert.True(found.NeedsKey);
        Assert.Empty(found.Models);
        Assert.Contains($"api_key_env: {(name == "vllm" ? "VLLM" : "LLAMA_CPP")}_API_KEY",
            ProfileSnippet.Of([found]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(ModelServerSurvey.ModelsMax, 0)]
    [InlineData(ModelServerSurvey.ModelsMax + 1, 1)]
    public async Task Models_AreListedUpToTheirLimit(int count, int more)
    {
        var models = string.Join(',',
            Enumerable.Range(0, count).Select(i => $$"""{"name":"m{{i}}","size":1}"""));
        await using var server = Serving(new()
        {
            ["/api/version"] = """{"version":"1"}""",
            ["/api/tags"] = $$"""{"models":[{{models}}]}""",
        });
        var found = Assert.Single(await LookAsync([("ollama", server.Port)]));
        Assert.Equal((ModelServerSurvey.ModelsMax, more), (found.Models.Length, found.More));
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task Answers_AreReadUpToTheirLimit(int over, int found)
    {
        var padding = new string(' ', LoopbackAnswers.AnswerBytesMax + over - """{"version":"1"}""".Length);
        await using var server = Serving(new()
        {
            ["/api/version"] = $$"""{"version":"1"}{{padding}}""",
            ["/api/tags"] = """{"models":[]}""",
        });
        Assert.Equal(found, (await LookAsync([("ollama", server.Port)])).Length);
    }

    [Fact]
    public async Task Snippet_IsAProfile_ThatNamesEveryModel()
    {
        await using var ollama = Serving(Shapes["ollama"]);
        await using var one = Serving(Shapes["vllm"]);
        await using var two = Serving(Shapes["vllm"]);
        var found = await LookAsync([("ollama", ollama.Port), ("vllm", one.Port), ("vllm", two.Port)]);
        var read = ProfileParser.Parse(ProfileSnippet.Of(found), "profile.yaml");
        Assert.Empty(read.Errors);
        Assert.Equal(["ollama", "vllm", "vllm-2"], read.Value!.Providers.Keys);
        var choices = read.Value.Models.Keys.Select(alias =>
            ModelChoice.Of(read.Value, null, alias, ModelCatalogue.None)).ToList();
        Assert.Equal(["gemma3:4b", "Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B"],
            choices.Select(c => c.Model).OrderBy(m => m[0] == 'Q'));
        Assert.Equal(found.Select(s => s.Address).Order(Comparer<Uri>.Create((a, b) => a.Port - b.Port)),
            choices.Select(c => c.Address!).Order(Comparer<Uri>.Create((a, b) => a.Port - b.Port)));
        // words of one's own machine cost nothing, which a cost cap must know
        Assert.All(choices, c => Assert.Equal(new TokenPrice(0, 0), c.Rates!.Tokens));
    }

    private static LoopbackServer Serving(Dictionary<string, string> answers) => new(head =>
        answers.GetValueOrDefault(head.Split(' ')[1]) is { } body
            ? LoopbackServer.Ok(body) : LoopbackServer.Status("404 Not Found"));

    // a busy machine decides no test
    private static async Task<ImmutableArray<FoundModelServer>> LookAsync(
        (string Name, int Port)[] places, TimeSpan? within = null)
    {
        using var survey = new ModelServerSurvey(
            TimeProvider.System, within ?? TimeSpan.FromMinutes(1));
        return await survey.LookAsync(
            [.. places.Select(p => (ModelServerCatalogue.BuiltIn.Servers[p.Name], p.Port))], default);
    }
}
