using System.Collections.Immutable;
using System.ComponentModel.DataAnnotations;
using System.Text;
using System.Text.Json;
using Aegis.Core.Errors;
using Aegis.Gate;
using Aegis.Tools.Files;

namespace Aegis.Tools.Http;

/// <param name="Url">http or https, to a host of the policy's egress_allow.</param>
/// <param name="Body">Text; at most one of Body, BodyBase64 and Json, 1 MiB each.</param>
/// <param name="Json">Sent as application/json.</param>
/// <param name="SecretHeaders">Headers that hold a secret: {Authorization: {secret, prefix}}.</param>
/// <param name="SaveAs">A file of the workspace that gets the whole body of the answer.</param>
/// <param name="Timeout">For all of it; 1 ms to 10 min.</param>
/// <param name="FailOnStatus">Whether a status of 400 and above fails the step.</param>
public sealed record HttpRequestInput(
    string Url,
    [property: RegularExpression("POST|PUT|PATCH|DELETE|OPTIONS",
        ErrorMessage = "method is POST, PUT, PATCH, DELETE or OPTIONS; http.fetch has GET and HEAD")]
    string Method,
    ImmutableSortedDictionary<string, string>? Headers = null,
    ImmutableSortedDictionary<string, SecretHeader>? SecretHeaders = null,
    string? Body = null,
    string? BodyBase64 = null,
    JsonElement? Json = null,
    [property: StringLength(WorkPath.LengthMax, MinimumLength = 1)] string? SaveAs = null,
    [property: Range(typeof(TimeSpan), "00:00:00.001", "00:10:00")] TimeSpan? Timeout = null,
    bool FailOnStatus = true) : IValidatableObject
{
    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if ((Body is null ? 0 : 1) + (BodyBase64 is null ? 0 : 1) + (Json is null ? 0 : 1) > 1)
        {
            yield return new ValidationResult("at most one of body, body_base64 and json is given");
        }
    }
}

/// <summary>Changes something at a host that the policy names. It happens once: after a crash in the middle,
/// a human decides.</summary>
public sealed class HttpRequest : Tool<HttpRequestInput>
{
    public override ToolDescriptor Descriptor { get; } =
        new("http.request", "tools:http", ToolEffect.Once,
        "Sends a request that changes something to a host that the workflow's egress_allow names.",
            UsesWorkspace: true);

    public override string? EgressUrl(JsonElement input) => HttpExchanges.UrlOf(input);

    protected override AegisError? Judge(HttpRequestInput input) =>
        HttpExchanges.Judge(input.Url, input.Headers, input.SecretHeaders, input.SaveAs)
            ?? (TryBody(input, out _, out _) ? null
            : new AegisError("AEGIS2164", "body_base64 is not base64", "base64", null,
                "encode the bytes, or give text as body")
            {
                Place = new ErrorPlace("/body_base64"),
            });

    protected override async ValueTask<ToolResult> InvokeAsync(HttpRequestInput input, Execution execution,
        CancellationToken cancel)
    {
        _ = TryBody(input, out var body, out var type);
        return await HttpExchanges.RunAsync(new HttpOrder(input.Method, input.Url, input.Headers,
            input.SecretHeaders, body, type, input.SaveAs, input.Timeout, input.FailOnStatus),
            execution, cancel);
    }

    private static bool TryBody(HttpRequestInput input, out byte[] body, out string? type)
    {
        (body, type) = ([], null);
        if (input.Json is { } json)
        {
            (body, type) = (Encoding.UTF8.GetBytes(json.GetRawText()), "application/json");
        }
        else if (input.Body is { } text)
        {
            (body, type) = (Encoding.UTF8.GetBytes(text), "text/plain; charset=utf-8");
        }
        else if (input.BodyBase64 is { } encoded)
        {
            try
            {
                (body, type) = (Convert.FromBase64String(encoded), "application/octet-stream");
            }
            catch (FormatException)
            {
                return false;
            }
        }
        return true;
    }
}
