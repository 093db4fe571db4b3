using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Http;

/// <summary>One request and its answer, for both tools: send, save, show.</summary>
internal static class HttpExchanges
{
    private static readonly TimeSpan TimeoutDefault = TimeSpan.FromSeconds(30);

    private const string Save = """
        set -e
        [ ! -d "$1" ] || exit 45
        mkdir -p -- "$(dirname -- "$1")"
        side=$(mktemp -- "$(dirname -- "$1")/.aegis-http-XXXXXXXX")
        trap 'rm -f -- "$side"' EXIT
        cat > "$side"; chmod 644 -- "$side"; mv -fT -- "$side" "$1"
        """;

    public static string? UrlOf(JsonElement input) =>
        input.ValueKind == JsonValueKind.Object && input.TryGetProperty("url", out var url)
            && url.ValueKind == JsonValueKind.String ? url.GetString() : null;

    /// <summary>What is wrong with a request before anything is asked of the network.</summary>
    public static AegisError? Judge(string url, ImmutableSortedDictionary<string, string>? headers,
        ImmutableSortedDictionary<string, SecretHeader>? secrets, string? saveAs)
    {
        if (EgressTarget.ReadUrl(url).Error is { } unread)
        {
            return unread with { Place = new ErrorPlace("/url") };
        }
        var fields = (headers ?? ImmutableSortedDictionary<string, string>.Empty)
            .Select(header => new HttpField(header.Key, header.Value)).ToImmutableArray();
        return Aegis.Gate.Http.RequestHeaders.Check(fields) is { } refused
            ? refused with { Place = new ErrorPlace("/headers") }
            : SecretHeaders.Check(headers, secrets) is { } wrong
            ? wrong with { Place = new ErrorPlace("/secret_headers") }
            : WorkPath.Wrong(saveAs, "save_as");
    }

    public static async ValueTask<ToolResult> RunAsync(HttpOrder order, Execution execution,
        CancellationToken cancel)
    {
        var (url, error) = EgressTarget.ReadUrl(order.Url);
        var path = "";
        if (url is null || (order.SaveAs is not null
            && !WorkPath.TryResolve(order.SaveAs, out path, out error)))
        {
            return ToolResult.Fail(error!);
        }
        var (secret, unset) = await SecretHeaders.OpenAsync(order.SecretHeaders, url, execution, cancel);
        if (unset is not null)
        {
            return ToolResult.Fail(unset);
        }
        var reply = await execution.HttpAsync(new HttpCall(order.Method, url, [.. Fields(order), .. secret],
            order.Body, order.Timeout ?? TimeoutDefault), cancel);
        execution.Log(string.Create(CultureInfo.InvariantCulture,
            $"{order.Method} {url.Host} → {reply.Status}, {reply.Body.Length} bytes"));
        if (order.SaveAs is not null && await SaveAsync(path, reply, execution, cancel) is { } unsaved)
        {
            return ToolResult.Fail(unsaved);
        }
        var failed = order.FailOnStatus && reply.Status >= 400;
        return new ToolResult(!failed, HttpAnswer.Text(reply), HttpAnswer.Outputs(reply), null,
            failed ? Status(order, url, reply.Status) : null);
    }

    private static ImmutableArray<HttpField> Fields(HttpOrder order)
    {
        var given = (order.Headers ?? ImmutableSortedDictionary<string, string>.Empty)
            .Select(header => new HttpField(header.Key, header.Value)).ToImmutableArray();
        return order.BodyType is null || given.Any(header =>
            header.Name.Equals("Content-Type", StringComparison.OrdinalIgnoreCase))
            ? given : given.Add(new HttpField("Content-Type", order.BodyType));
    }

    private static async ValueTask<AegisError?> SaveAsync(string path, HttpReply reply, Execution execution,
        CancellationToken cancel)
    {
        var result = await execution.SandboxAsync(new SandboxCommand(FileAnswer.Bash(Save, path),
            Stdin: reply.Body, Timeout: FileAnswer.TimeMax, Quiet: true), cancel);
        return FileAnswer.ErrorOf(result, "save_as", path);
    }

    private static AegisError Status(HttpOrder order, Uri url, int status) => new("AEGIS2169",
        $"{url.Host} answered {order.Method} with {status}", "a status below 400",
        status.ToString(CultureInfo.InvariantCulture),
        "read the answer in outputs.body; fail_on_status: false makes every status a good answer");
}
