using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Http;

/// <param name="Url">http or https, to a host of the policy's egress_allow.</param>
/// <param name="Method">GET or HEAD.</param>
/// <param name="SecretHeaders">Headers that hold a secret: {Authorization: {secret, prefix}}.</param>
/// <param name="SaveAs">A file of the workspace that gets the whole body.</param>
/// <param name="Timeout">For all of it; 1 ms to 10 min.</param>
/// <param name="FailOnStatus">Whether a status of 400 and above fails the step.</param>
public sealed record HttpFetchInput(
    string Url,
    [property: RegularExpression("GET|HEAD", ErrorMessage = "method is GET or HEAD; http.request has others")]
    string Method = "GET",
    ImmutableSortedDictionary<string, string>? Headers = null,
    ImmutableSortedDictionary<string, SecretHeader>? SecretHeaders = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string? SaveAs = null,
    [property: Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")] TimeSpan? Timeout = null,
    bool FailOnStatus = true);

/// <summary>Reads from a host that the policy names. It can be repeated: GET and HEAD change
/// nothing.</summary>
public sealed class HttpFetch : Tool<HttpFetchInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("http.fetch", "tools:http", ToolEffect.Idempotent,
        "Reads an address by GET or HEAD, on a host that the workflow's egress_allow names.",
            UsesWorkspace: true);

    public override string? EgressUrl(JsonElement input) => HttpExchanges.UrlOf(input);

    protected override AegisError? Judge(HttpFetchInput input) =>
        HttpExchanges.Judge(input.Url, input.Headers, input.SecretHeaders, input.SaveAs);

    protected override ValueTask<ToolResult> InvokeAsync(HttpFetchInput input, Execution execution,
        CancellationToken cancel) =>
        HttpExchanges.RunAsync(new HttpOrder(input.Method, input.Url, input.Headers,
            input.SecretHeaders, default, null, input.SaveAs, input.Timeout, input.FailOnStatus),
            execution, cancel);
}
