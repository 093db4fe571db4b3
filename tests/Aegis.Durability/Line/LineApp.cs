using System.Net.Http.Json;
using System.Text.Json;
using Aegis.Client;
using Aegis.Durability.Points;

namespace Aegis.Durability.Line;

/// <summary>The deployed software, asked as its users would ask it, and taken down afterwards.</summary>
internal sealed class LineApp(AegisClient client, string name)
{
    private static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    public async Task<IReadOnlyList<Fault>> AskAsync()
    {
        using var limit = new CancellationTokenSource(Within);
        var said = "nothing";
        while (!limit.IsCancellationRequested)
        {
            try
            {
                var deployed = await client.GetDeploymentAsync(name, limit.Token);
                said = await AskAsync(new Uri(deployed.Url!), limit.Token);
                if (said == "well")
                {
                    await client.StopDeploymentAsync(name, limit.Token);
                    return [];
                }
            }
            catch (Exception e) when (e is HttpRequestException or AegisUnreachableException
                or AegisApiException or OperationCanceledException)
            {
                said = e.Message;
            }
            // a server that was just started starts what it serves behind that
            await Task.Run(() => limit.Token.WaitHandle.WaitOne(TimeSpan.FromMilliseconds(200)));
        }
        return [new Fault(Fault.EndState, $"the deployed API does not answer as it should: {said}")];
    }

    private static async Task<string> AskAsync(Uri url, CancellationToken cancel)
    {
        using var http = new HttpClient { BaseAddress = url };
        var title = $"comprar {Guid.NewGuid():N}";
        using var body = new StringContent(JsonSerializer.Serialize(new { title }));
        var made = await http.PostAsync("/tasks", body, cancel);
        var found = await http.GetFromJsonAsync<JsonElement>(
            $"/tasks?q={Uri.EscapeDataString(title)}", cancel);
        var injected = await http.GetFromJsonAsync<JsonElement>(
            $"/tasks?q={Uri.EscapeDataString("' OR '1'='1")}", cancel);
        return ((int)made.StatusCode, found.GetArrayLength(), injected.GetArrayLength()) is (201, 1, 0)
            ? "well" : $"{(int)made.StatusCode}, {found.GetRawText()}, {injected.GetRawText()}";
    }
}
