using System.Globalization;
using Aegis.Core.Errors;
using Aegis.Models.Caching;
using Aegis.Models.Calls;

namespace Aegis.Server.Gateway;

/// <summary>What a client may say beside the protocol's own words, in headers that a client library lets it
/// set.</summary>
internal static class GatewayHeaders
{
    public const int NameCharsMax = 64;
    private const int TurnMax = 10_000;

    public static ModelCall Apply(IHeaderDictionary headers, ModelCall call)
    {
        var (task, agent, provider) = (Name(headers, "x-aegis-task"), Name(headers, "x-aegis-agent"),
            Name(headers, "x-aegis-provider"));
        var turn = Turn(headers);
        var hedge = headers["x-aegis-hedge"] == "true";
        var cache = CacheWish.Parse(headers.CacheControl);
        return task is null && agent is null && provider is null && turn is null && !hedge
            && cache == CacheWish.Any
            ? call
            : call with
            {
                TaskType = task,
                Agent = agent,
                Provider = provider,
                Turn = turn,
                Hedge = hedge,
                Cache = cache,
            };
    }

    private static string? Name(IHeaderDictionary headers, string header)
    {
        var value = headers[header];
        if (value.Count == 0)
        {
            return null;
        }
        return value is [{ Length: > 0 and <= NameCharsMax } name] ? name : throw Wrong(header,
            string.Create(CultureInfo.InvariantCulture, $"one value of 1 to {NameCharsMax} characters"));
    }

    private static int? Turn(IHeaderDictionary headers)
    {
        const string Header = "x-aegis-turn";
        var value = headers[Header];
        return value.Count == 0 ? null
            : int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var turn)
                && turn is > 0 and <= TurnMax ? turn
            : throw Wrong(Header,
                string.Create(CultureInfo.InvariantCulture, $"a number from 1 to {TurnMax}"));
    }

    private static AegisException Wrong(string header, string expected) => new(new AegisError("AEGIS2430",
        $"the header {header} cannot be used", expected, Mend: "see docs/gateway.md"));
}
