using Aegis.Core.Errors;
using Aegis.Server.Auth;
using Aegis.Server.Json;
using Aegis.Server.Rooms;

namespace Aegis.Server.Gateway;

/// <summary>What a client may name as its model, in OpenAI's shape, or in Anthropic's where the client says
/// the version of that.</summary>
internal sealed class ModelListDoor(DoorParts parts)
{
    private const string AnthropicHeader = "anthropic-version";

    public async Task ListAsync(HttpContext http)
    {
        var names = await NamesAsync(http);
        await (IsAnthropic(http)
            ? Body.WriteAsync(http, AnthropicModelList.Of(names), DoorJson.Default.AnthropicModelList)
            : Body.WriteAsync(http, OpenAiModelList.Of(names), DoorJson.Default.OpenAiModelList));
    }

    public async Task ShowAsync(HttpContext http)
    {
        var asked = (string)http.Request.RouteValues["name"]!;
        var name = (await NamesAsync(http)).FirstOrDefault(n => n.Id == asked)
            ?? throw new AegisException(new AegisError("AEGIS2431", $"there is no model {asked}",
                "an alias, auto, or a model of the profile's providers", asked, "see GET /v1/models"));
        await (IsAnthropic(http)
            ? Body.WriteAsync(http, AnthropicModel.Of(name), DoorJson.Default.AnthropicModel)
            : Body.WriteAsync(http, OpenAiModel.Of(name), DoorJson.Default.OpenAiModel));
    }

    private static bool IsAnthropic(HttpContext http) => http.Request.Headers.ContainsKey(AnthropicHeader);

    private async ValueTask<IReadOnlyList<ListedName>> NamesAsync(HttpContext http)
    {
        var desk = parts.ModelDesk;
        return ListedName.Of(
            await desk.ProfileAsync(http.Caller().Principal, http.RequestAborted), desk.Catalogue);
    }
}
