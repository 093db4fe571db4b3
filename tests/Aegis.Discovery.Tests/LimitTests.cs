using System.Text;
using Aegis.Core.Discovery;
using Aegis.Core.Errors;
using Aegis.Discovery.Programs;
using Aegis.Discovery.Store;
using Aegis.Discovery.Tests.Support;
using Aegis.Tests.Shared;

namespace Aegis.Discovery.Tests;

/// <summary>Each limit at the limit, and one past it.</summary>
[Collection(OpenFileGroup.Name)]
public sealed class LimitTests : IDisposable
{
    private const string Name = "ada/tiny";
    private readonly StoreFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Version_HasItsLength(int over, bool good)
    {
        var version = "1." + new string('1', VersionQuestion.VersionCharsMax - 2 + over);
        Assert.Equal(good ? version : null,
            ProgramCatalogue.BuiltIn.Programs["uv"].Says.VersionIn($"uv {version}"));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(1, false)]
    public void Lists_HaveTheirLength(int over, bool good)
    {
        const string Programs = "programs: {}\n";
        const string Servers = "servers: {}\n";
        Assert.Equal(good, ProgramCatalogueParser.Parse(
            Programs.PadRight(ProgramCatalogueParser.CharsMax + over), "c").Ok);
        Assert.Equal(good, ModelServerParser.Parse(
            Servers.PadRight(ModelServerParser.CharsMax + over), "c").Ok);
    }

    [Theory]
    [InlineData(ModelServerParser.ServersMax, 1, true)]
    [InlineData(ModelServerParser.ServersMax + 1, 1, false)]
    [InlineData(1, ModelServerParser.SignsMax, true)]
    [InlineData(1, ModelServerParser.SignsMax + 1, false)]
    public void Servers_AndTheirSigns_HaveTheirNumber(int servers, int signs, bool good)
    {
        var sign = string.Join(", ", Enumerable.Repeat("{ path: /a, member: a }", signs));
        var yaml = new StringBuilder("servers:\n");
        for (var i = 0; i < servers; i++)
        {
            yaml.Append($"  s{i}: {{ port: 1, signs: [{sign}], models: {{ path: /a, list: a, name: a }}, "
                + "openai: /v1, docs: \"https://a.example\", read: 2026-11-27 }\n");
        }
        Assert.Equal(good, ModelServerParser.Parse(yaml.ToString(), "s").Ok);
    }

    [Theory]
    [InlineData(ModelPorts.PortsMax, true)]
    [InlineData(ModelPorts.PortsMax + 1, false)]
    public void Ports_HaveTheirNumber(int count, bool good) => Assert.Equal(good, ModelPorts.TryParse(
        string.Join(',', Enumerable.Repeat("vllm:8001", count)), ModelServerCatalogue.BuiltIn, out _));

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "AEGIS2499")]
    public void ModelName_HasItsLength(int over, string? code)
    {
        // a file's folders are at most 200 characters each, and all together at most 400
        var repository = new string('a', 96) + "/" + new string('b', 96);
        var rest = ModelName.CharsMax - repository.Length - 1 + over;
        var text = $"{repository}:{new string('c', 150)}/{new string('d', rest - 151)}";
        Assert.Equal(ModelName.CharsMax + over, text.Length);
        Assert.Equal(code,
            (Record.Exception(() => ModelName.Parse(text)) as AegisException)?.Error.Code);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 0)]
    public async Task FoldersOfPath_HaveTheirNumber(int over, int found)
    {
        using var programs = new ProgramFolder();
        programs.Script("one", "echo 1.1");
        var before = Enumerable.Range(0, ProgramFinder.FoldersMax - 1 + over).Select(i => $"/nowhere/{i}");
        var looked = await programs.LookAsync(["one"], string.Join(':', [.. before, programs.Bin]));
        Assert.Equal(found, looked.Found.Length);
    }

    [Theory]
    [InlineData(ModelManifest.FilesMax, null)]
    [InlineData(ModelManifest.FilesMax + 1, "AEGIS2492")]
    public async Task FilesOfAModel_HaveTheirNumber(int count, string? code)
    {
        await using var server = new HubServer();
        for (var i = 0; i < count; i++)
        {
            server.Has(Name, $"f{i}", []);
        }
        Assert.Equal(code, await CodeAsync(() =>
            folder.Hub(server).ManifestAsync(ModelName.Parse(Name), "main", null, default)));
    }

    [Fact]
    public async Task FoundModels_HaveTheirNumber()
    {
        await using var server = new HubServer();
        for (var i = 0; i <= ModelHubOptions.FoundMax; i++)
        {
            server.Has($"ada/m{i}", "f", []);
        }
        Assert.Equal(ModelHubOptions.FoundMax,
            (await folder.Hub(server).SearchAsync("ada", 1_000, null, default)).Length);
        Assert.Contains($"limit={ModelHubOptions.FoundMax}&", server.Asked.Single().Target,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "AEGIS2492")]
    public async Task AnswerOfTheHub_HasItsLength(int over, string? code)
    {
        await using var server = new HubServer();
        server.Instead = _ => new(200, Encoding.UTF8.GetBytes("[]".PadRight(ModelHub.AnswerBytesMax + over)));
        Assert.Equal(code,
            await CodeAsync(() => folder.Hub(server).SearchAsync("a", 1, null, default)));
    }

    [Theory]
    [InlineData(0, null)]
    [InlineData(1, "AEGIS2490")]
    public async Task RequestsForAFile_HaveTheirNumber(int over, string? code)
    {
        // a byte at a time: there is always progress
        var content = HubServer.Bytes(ModelHubOptions.RequestsMax + over);
        await using var server = new HubServer().Has(Name, "model.gguf", content);
        server.Instead = request => request.Target.Contains("/resolve/")
            ? HubServer.File(content, request, 1) : null;
        Assert.Equal(code, await CodeAsync(() => folder.Hub(server).PullAsync(folder.Open(), Name)));
        Assert.Equal(ModelHubOptions.RequestsMax, server.FileRequests.Count());
    }

    [Fact]
    public async Task FailedPulls_AreRemembered_UpToTheirNumber()
    {
        await using var server = new HubServer();
        server.Instead = request => request.Target.Contains("/resolve/") ? new(404, []) : null;
        await using var pulls = new ModelPulls(folder.Open(models: 1_000), folder.Hub(server));
        for (var i = 0; i <= ModelPulls.FailedMax; i++)
        {
            server.Has($"a/m{i}", "f", [1]);
            await pulls.StartAsync(ModelName.Parse($"a/m{i}"), "main", null, default);
            await pulls.EndOfAsync(ModelName.Parse($"a/m{i}"));
        }
        Assert.Equal(ModelPulls.FailedMax, pulls.States().Length);
        // the newest ones
        Assert.Contains(pulls.States(), s => s.Manifest.Model == $"a/m{ModelPulls.FailedMax}");
    }

    private static async Task<string?> CodeAsync(Func<Task> act) =>
        (await Record.ExceptionAsync(act) as AegisException)?.Error.Code;
}
