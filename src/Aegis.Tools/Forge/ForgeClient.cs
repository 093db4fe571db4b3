using System.Text.Json;
using System.Text.Json.Nodes;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Git;

namespace Aegis.Tools.Forge;

/// <summary>GitHub's REST for the run's repository, by the call's Execution. The same requests suit the local
/// forge and GitHub.</summary>
internal sealed class ForgeClient(Execution execution, ForgePlace place)
{
    private const int PerPage = 100;

    /// <summary>How far back something is looked for: 1,000 pull requests, comments or checks.</summary>
    public const int PagesMax = 10;

    /// <summary>Tries of a change whose answer was lost, each after a look.</summary>
    public const int TriesMax = 3;

    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(500);

    public ForgePlace Place => place;

    public static async ValueTask<(ForgeClient? Forge, AegisError? Error)> OpenAsync(Execution execution,
        CancellationToken cancel) => await execution.ForgePlaceAsync(cancel) is { } place
            ? (new ForgeClient(execution, place), null)
            : (null, BareRepository.NoneError());

    public ValueTask<(JsonElement? Item, AegisError? Error)> GetAsync(string path,
        CancellationToken cancel) =>
        SendAsync("GET", path, null, cancel);

    public async ValueTask<(JsonElement? Item, AegisError? Error)> SendAsync(string method, string path,
        JsonObject? body, CancellationToken cancel)
    {
        var (reply, error) = await ReplyAsync(method, place.Root + path, body, cancel);
        return (reply?.Body, error);
    }

    /// <summary>All items of a list, the newest as the forge orders them.</summary>
    /// <param name="path">With a query, whose end the paging becomes.</param>
    /// <param name="member">Where the list stands in an object that holds it.</param>
    public async ValueTask<(List<JsonElement> Items, AegisError? Error)> ListAsync(string path,
        string? member, CancellationToken cancel)
    {
        var items = new List<JsonElement>();
        var next = $"{place.Root}{path}per_page={PerPage}";
        for (var page = 1; next is not null && page <= PagesMax; page++)
        {
            var (reply, error) = await ReplyAsync("GET", next, null, cancel);
            if (reply is null)
            {
                return (items, error);
            }
            var list = member is null ? reply.Body : reply.Body.GetProperty(member);
            items.AddRange(list.EnumerateArray());
            next = reply.Next;
        }
        return (items, null);
    }

    /// <summary>Makes something that can be found again, once: where an answer is lost, a look says whether
    /// it was made.</summary>
    public async ValueTask<(JsonElement? Item, AegisError? Error)> MakeOnceAsync(
        Func<ValueTask<(JsonElement? Found, AegisError? Error)>> find, string path, JsonObject body,
        CancellationToken cancel)
    {
        var (found, error) = await find();
        for (var tries = 1; found is null && error is null; tries++)
        {
            (found, error) = await SendAsync("POST", path, body, cancel);
            if (found is not null)
            {
                break;
            }
            var refused = error;
            // it may be there all the same: asked twice, a forge refuses the second
            (found, error) = await find();
            if (found is null && (error is not null || tries == TriesMax || !MayHaveHappened(refused!)))
            {
                return (null, refused);
            }
            if (found is null)
            {
                await Task.Delay(Breath * tries, cancel);
            }
        }
        return (found, error);
    }

    public static bool MayHaveHappened(AegisError error) => error.Code is "AEGIS2396" or "AEGIS2008";

    private async ValueTask<(ForgeReply? Reply, AegisError? Error)> ReplyAsync(string method, string path,
        JsonObject? body, CancellationToken cancel)
    {
        try
        {
            var reply = await execution.ForgeAsync(new ForgeRequest(method, path,
                body is null ? null : JsonSerializer.SerializeToElement(body)), cancel);
            return reply.Status is >= 200 and < 300 ? (reply, null)
                : (null, ForgeRefusal.Of(reply, place, $"{method} {path.Split('?')[0]}"));
        }
        catch (AegisException e)
        {
            return (null, e.Error);
        }
    }
}
