using System.Text.Json;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;

namespace Aegis.Discovery.Tests;

/// <summary>The shipped lists, and what their readers refuse.</summary>
public sealed class CatalogueTests
{
    private const string One =
        "kind: tool, says: { args: [-v] }, tool: { argv: [a] }, docs: \"https://a.example\"";

    [Fact]
    public void Programs_AreAtLeastFifty_OfEveryKind()
    {
        var programs = ProgramCatalogue.BuiltIn.Programs;
        Assert.True(programs.Count >= 50, $"{programs.Count} programs");
        Assert.Equal(Enum.GetValues<ProgramKind>(), programs.Values.Select(p => p.Kind).Distinct().Order());
        string[] asked =
        [
            "git", "gh", "glab", "docker", "podman", "kubectl", "helm", "terraform", "tofu", "ansible",
            "node", "npm", "pnpm", "yarn", "bun", "deno", "python3", "pip", "uv", "poetry", "go", "cargo",
            "rustc", "dotnet", "java", "mvn", "gradle", "gcc", "clang", "make", "cmake", "jq", "yq", "rg",
            "fd", "fzf", "curl", "wget", "psql", "sqlite3", "redis-cli", "aws", "gcloud", "az", "claude",
            "codex", "gemini", "aider", "goose", "opencode", "ollama", "llama-server", "lms", "vllm",
            "huggingface-cli", "hf", "semgrep", "trivy", "gitleaks", "hadolint",
        ];
        Assert.Empty(asked.Except(programs.Keys));
    }

    [Theory]
    [InlineData("git", "git version 2.39.5", "2.39.5")]
    [InlineData("docker", "Docker version 27.3.1, build ce12230", "27.3.1")]
    [InlineData("terraform", "Terraform v1.9.8\non linux_amd64", "1.9.8")]
    [InlineData("java", "openjdk version \"17.0.13\" 2024-10-15\nOpenJDK Runtime Environment", "17.0.13")]
    [InlineData("aws", "aws-cli/2.17.9 Python/3.11.8 Linux/6.1", "2.17.9")]
    [InlineData("go", "go version go1.19.8 linux/amd64", "1.19.8")]
    [InlineData("kubectl", "Client Version: v1.31.2\nKustomize Version: v5.4.2", "1.31.2")]
    [InlineData("helm", "v3.16.2+g13654a5", "3.16.2")]
    [InlineData("ansible", "ansible [core 2.16.3]\n  config file = None", "2.16.3")]
    [InlineData("python3", "Python 3.11.2", "3.11.2")]
    [InlineData("pip", "pip 23.0.1 from /usr/lib/python3/dist-packages/pip (python 3.11)", "23.0.1")]
    [InlineData("gcc", "12.2.0", "12.2.0")]
    [InlineData("jq", "jq-1.6", "1.6")]
    [InlineData("fzf", "0.38 (debian)", "0.38")]
    [InlineData("psql", "psql (PostgreSQL) 15.9 (Debian 15.9-0+deb12u1)", "15.9")]
    [InlineData("sqlite3", "3.40.1 2022-12-28 14:03:47 df5c253c", "3.40.1")]
    [InlineData("gradle", "\n------\nGradle 8.10.2\n------\n\nBuild time: 2024", "8.10.2")]
    [InlineData("poetry", "Poetry (version 1.8.4)", "1.8.4")]
    [InlineData("perl", "This is perl 5, version 36, subversion 0 (v5.36.0) built for x86_64", "5.36.0")]
    [InlineData("ollama", "Warning: could not connect to a running Ollama\nollama version is 0.5.4", "0.5.4")]
    [InlineData("llama-server", "version: 4067 (54ef9cfc)\nbuilt with cc", "4067")]
    [InlineData("claude", "2.0.14 (Claude Code)", "2.0.14")]
    [InlineData("codex", "codex-cli 0.46.0", "0.46.0")]
    [InlineData("hadolint", "Haskell Dockerfile Linter 2.12.0", "2.12.0")]
    [InlineData("vault", "Vault v1.18.1 (f479e5c), built 2024-10-29", "1.18.1")]
    [InlineData("dotnet", "10.0.100-rc.2.25502.107", "10.0.100-rc.2.25502.107")]
    [InlineData("cargo", "error: rustup could not choose a version of cargo to run", null)]
    [InlineData("git", "no such thing", null)]
    public void Version_IsReadFromWhatAProgramPrints(string name, string printed, string? version) =>
        Assert.Equal(version, ProgramCatalogue.BuiltIn.Programs[name].Says.VersionIn(printed));

    [Theory]
    [InlineData(One, null)]
    [InlineData("kind: toy, says: { args: [-v] }, tool: { argv: [a] }, docs: \"https://a.example\"",
        "AEGIS2314")]
    [InlineData("kind: tool, says: { args: [-v] }, docs: \"https://a.example\"", "AEGIS2314")]
    [InlineData("kind: tool, tool: { argv: [a] }, docs: \"https://a.example\"", "AEGIS2314")]
    [InlineData("kind: tool, says: { args: [-v] }, tool: { argv: [a] }, docs: \"http://a.example\"",
        "AEGIS2314")]
    [InlineData(One + ", color: red", "AEGIS2313")]
    [InlineData("kind: agent, says: { args: [-v] }, agent: { argv: [a], prompt: mail }, "
        + "docs: \"https://a.example\"", "AEGIS2314")]
    [InlineData("kind: model_backend, says: { args: [-v] }, model: { argv: [a], protocol: openai, "
        + "address: \"http://elsewhere.example/v1\" }, docs: \"https://a.example\"", "AEGIS2314")]
    [InlineData("kind: tool, says: { args: [-v], match: 'no group' }, tool: { argv: [a] }, "
        + "docs: \"https://a.example\"", "AEGIS2314")]
    [InlineData("kind: tool, says: { args: [-v], match: '(?=a)(b)' }, tool: { argv: [a] }, "
        + "docs: \"https://a.example\"", "AEGIS2314")]
    public void Programs_AreReadStrictly(string fields, string? code) =>
        Assert.Equal(code is null ? [] : [code], ProgramCatalogueParser.Parse(
            $"programs:\n  a: {{ {fields} }}\n", "clis.yaml").Errors.Select(e => e.Error.Code).Distinct());

    [Theory]
    [InlineData(ProgramCatalogueParser.ArgumentsMax, true)]
    [InlineData(ProgramCatalogueParser.ArgumentsMax + 1, false)]
    public void Arguments_AreBounded(int count, bool good)
    {
        var words = string.Join(", ", Enumerable.Repeat("x", count));
        var fields = One.Replace("[-v]", $"[{words}]", StringComparison.Ordinal);
        Assert.Equal(good,
            ProgramCatalogueParser.Parse($"programs: {{ a: {{ {fields} }} }}", "c").Ok);
    }

    [Fact]
    public void Servers_AreTheFour_EachWithItsSource() => Assert.Equal(
        [("llama.cpp", 8080), ("lm-studio", 1234), ("ollama", 11434), ("vllm", 8000)],
        ModelServerCatalogue.BuiltIn.Servers.Values.Select(s => (s.Name, s.Port)));

    [Theory]
    [InlineData("port: 8000", null)]
    [InlineData("port: 0", "AEGIS2314")]
    [InlineData("port: 65536", "AEGIS2314")]
    public void Servers_AreReadStrictly(string port, string? code) =>
        Assert.Equal(code is null ? [] : [code], ModelServerParser.Parse($$"""
            servers:
              a:
                {{port}}
                signs: [{ path: /v1/models, member: data }]
                models: { path: /v1/models, list: data, name: id }
                openai: /v1
                docs: "https://a.example"
                read: 2026-11-27
            """, "s").Errors.Select(e => e.Error.Code).Distinct());

    [Theory]
    [InlineData("", "llama.cpp:8080 lm-studio:1234 ollama:11434 vllm:8000")]
    [InlineData("vllm:8001, vllm:8002", "llama.cpp:8080 lm-studio:1234 ollama:11434 vllm:8001 vllm:8002")]
    [InlineData("gpt:80", null)]
    [InlineData("vllm", null)]
    [InlineData("vllm:0", null)]
    [InlineData("vllm:65536", null)]
    public void Ports_AreTheCataloguesUnlessNamed(string text, string? places)
    {
        var good = ModelPorts.TryParse(text, ModelServerCatalogue.BuiltIn, out var named);
        Assert.Equal(places, good ? string.Join(' ',
            ModelPorts.Of(ModelServerCatalogue.BuiltIn, named).Select(p => $"{p.Server.Name}:{p.Port}"))
            : null);
    }

    [Theory]
    [InlineData("ada/tiny", "ada/tiny", null)]
    [InlineData("ada/tiny:q4/model (1).gguf", "ada/tiny", "q4/model (1).gguf")]
    [InlineData("gpt2", "gpt2", null)]
    public void ModelName_IsRead(string text, string repository, string? file)
    {
        Assert.Equal(new ModelName(repository, file), ModelName.Parse(text));
        Assert.Equal(text, ModelName.Parse(text).ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("../x")]
    [InlineData("a/..")]
    [InlineData("a/b/c")]
    [InlineData("a/b:")]
    [InlineData("a/b:../c")]
    [InlineData("a/b:/c")]
    [InlineData("a/b:c//d")]
    [InlineData("a/b:c\nd")]
    [InlineData("a/b?c=d")]
    [InlineData("a/b:c?d")]
    public void ModelName_ThatLeadsOut_IsRefused(string text) =>
        Assert.Equal("AEGIS2499", Assert.Throws<AegisException>(() => ModelName.Parse(text)).Error.Code);

    /// <summary>The schemas for editors name the keys that the readers know.</summary>
    [Theory]
    [InlineData("clis", "programs", "nonsense: 1")]
    [InlineData("model-servers", "servers", "nonsense: 1")]
    public void Schemas_NameTheKeysOfTheReaders(string contract, string list, string wrong)
    {
        var yaml = $"{list}: {{ a: {{ {wrong} }} }}";
        var errors = contract == "clis" ? ProgramCatalogueParser.Parse(yaml, "c").Errors
            : ModelServerParser.Parse(yaml, "c").Errors;
        var known = errors.First(e => e.Error.Code == "AEGIS2313").Error.Expected!.Split(", ");
        using var schema = JsonDocument.Parse(File.ReadAllText(
            Path.Combine(Root(), $"contracts/{contract}.schema.json")));
        var keys = schema.RootElement.GetProperty("properties").GetProperty(list)
            .GetProperty("additionalProperties").GetProperty("properties").EnumerateObject()
            .Select(p => p.Name);
        Assert.Equal(known.Order(), keys.Order());
    }

    private static string Root()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Aegis.slnx")))
        {
            folder = Path.GetDirectoryName(folder)!;
        }
        return folder;
    }
}
