using System.Net;
using System.Text.Json;
using Aegis.Server.Tests.Support;
using Aegis.Tests.Shared.Fakes;

namespace Aegis.Server.Tests.Gateway;

/// <summary>A server whose project has a provider that speaks one of the protocols.</summary>
public sealed class GatewayRoom : IAsyncDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("aegis-gateway-").FullName;

    public RealServer Server { get; private set; } = null!;

    public FakeProvider Fake { get; private set; } = null!;

    /// <summary>For OpenAI's clients.</summary>
    public string Url => $"{Server.Server.Url}v1";

    /// <summary>For Anthropic's.</summary>
    public string Root => Server.Server.Url.ToString();

    public static async Task<GatewayRoom> OpenAsync(
        string protocol, string more = "", TimeProvider? time = null)
    {
        var room = new GatewayRoom
        {
            Fake = await FakeProvider.StartAsync(
                new() { Models = ["fake-1", "fault slow=1000", "fault slow=400", "fault slow=2000"] }),
        };
        var models = Path.Combine(room.folder, "models.yaml");
        await File.WriteAllTextAsync(models, $$"""
            providers:
              fake:
                base_url: {{room.Fake.Url}}
                protocol: {{protocol}}
                auth: { kind: none }
                locality: local
                stream_usage: true
                source: "https://x"
                read: 2026-01-02
                models:
                  fake-1:
                    { kinds: [chat, embedding, transcription], context_tokens_max: 100_000, tools: true,
                      json_schema: true, in: [text, image], usd: { input: 1, output: 2 },
                      source: "https://x", read: 2026-01-02 }
            """);
        room.Server = new RealServer
        {
            Options = o => o with { Models = models }, Time = time ?? TimeProvider.System,
        };
        await room.Server.InitializeAsync();
        await room.ProfileAsync("providers: { fake: {} }\nmodels: { reasoning: fake-1 }\n" + more);
        return room;
    }

    public async Task ProfileAsync(string yaml)
    {
        var (stored, told, _) = await Server.SendAsync(
            "PUT", "/v1/profile", JsonSerializer.Serialize(new { yaml }));
        Assert.True(stored == HttpStatusCode.OK, told.GetRawText());
    }

    /// <summary>A profile with so many models beside the catalogue's one.</summary>
    public Task PriceAsync(int models) => ProfileAsync("providers: { fake: { prices: {" + string.Join(',',
        Enumerable.Range(0, models).Select(i =>
            $"m{i}: {{ input_usd_per_million: 1, output_usd_per_million: 1 }}")) + "} } }");

    public async ValueTask DisposeAsync()
    {
        await Server.DisposeAsync();
        await Fake.DisposeAsync();
        Directory.Delete(folder, true);
    }
}
