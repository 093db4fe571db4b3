using System.Text.Json;
using Aegis.Cli;

namespace Aegis.Server.Tests;

/// <summary><c>aegis models list</c>: what the catalogue knows, told without a server.</summary>
public sealed class ModelListCommandTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-models-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task List_ShowsWhatIsKnown_AndAQuestionMarkForTheRest()
    {
        var (exit, said) = await ListAsync("--provider", "groq", "--models", Write("""
            providers:
              groq:
                models:
                  tuned: { kinds: [chat], source: "https://x", read: 2026-01-02 }
            """));
        Assert.Equal(0, exit);
        Assert.Matches("(?m)^PROVIDER +MODEL +KIND +CONTEXT +TOOLS", said);
        Assert.Matches(@"(?m)^groq +tuned +chat +\? +\? +\? +\?", said);
        Assert.DoesNotContain("openai ", said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_HasThePageAndTheDayOfEach()
    {
        var (exit, said) = await ListAsync("--kind", "embedding", "--json");
        Assert.Equal(0, exit);
        var models = JsonElement.Parse(said).EnumerateArray().ToList();
        Assert.NotEmpty(models);
        Assert.All(models, m => Assert.Equal("embedding", m.GetProperty("kinds")[0].GetString()));
        Assert.All(models, m => Assert.StartsWith("https://", m.GetProperty("source").GetString(),
            StringComparison.Ordinal));
        Assert.All(models, m => Assert.Matches("^20[0-9]{2}-[0-9]{2}-[0-9]{2}$",
            m.GetProperty("read").GetString()!));
    }

    [Theory]
    [InlineData("--provider", "nobody")]
    [InlineData("--kind", "poetry")]
    public async Task List_OfWhatIsNotThere_IsAnError(string option, string value)
    {
        var (exit, said) = await ListAsync(option, value);
        Assert.Equal(ExitCode.Usage, exit);
        Assert.Contains(value, said, StringComparison.Ordinal);
    }

    private string Write(string yaml)
    {
        var path = Path.Combine(folder, "models.yaml");
        File.WriteAllText(path, yaml);
        return path;
    }

    private static async Task<(int Exit, string Said)> ListAsync(params string[] options)
    {
        await using var output = new StringWriter();
        await using var error = new StringWriter();
        var exit = await CommandLine.InvokeAsync(["models", "list", .. options],
            new Terminal(output, error, false, 200, _ => null), CancellationToken.None);
        return (exit, output.ToString() + error.ToString());
    }
}
