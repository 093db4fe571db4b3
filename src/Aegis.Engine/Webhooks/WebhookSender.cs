using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Ledger.Secrets;
using Aegis.Ledger.Webhooks;

namespace Aegis.Engine.Webhooks;

/// <summary>One try of a delivery: signed, posted, judged by the status alone. Redirects are not followed, no
/// proxy is used, and of the answer's body nothing is read.</summary>
public sealed class WebhookSender : IDisposable
{
    public const int TriesMax = 8;

    public static TimeSpan Timeout { get; } = TimeSpan.FromSeconds(15);

    private const int ErrorCharsMax = 300;
    private const double Jitter = 0.2;

    private static readonly TimeSpan[] Waits =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(30), TimeSpan.FromMinutes(2), TimeSpan.FromMinutes(10),
        TimeSpan.FromHours(1), TimeSpan.FromHours(6),
    ];

    private readonly SecretVault secrets;
    private readonly TimeProvider time;
    private readonly Random chance;
    private readonly HttpClient http;

    public WebhookSender(SecretVault secrets, WebhookTargets targets, TimeProvider time, Random chance)
    {
        (this.secrets, this.time, this.chance) = (secrets, time, chance);
        http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false, UseProxy = false, UseCookies = false,
            ConnectCallback = targets.ConnectAsync,
            PooledConnectionLifetime = TimeSpan.FromMinutes(2),
        })
        {
            Timeout = Timeout,
        };
    }

    /// <summary>How long to wait after a number of tries; null after the last. Jitter is a fifth.</summary>
    public static TimeSpan? WaitAfter(int tries, Random chance) => tries >= TriesMax
        ? null
        : Waits[Math.Min(tries, Waits.Length) - 1] * (1 - Jitter + (2 * Jitter * chance.NextDouble()));

    public async Task<DeliveryResult> TryAsync(DueDelivery delivery, CancellationToken cancel)
    {
        if (!delivery.Enabled)
        {
            return new DeliveryResult(false, null, "the webhook is disabled", null);
        }
        try
        {
            var use = new SecretUse("webhook", "webhook", new Uri(delivery.Url).IdnHost);
            if (await secrets.UseAsync(
                delivery.Tenancy, delivery.Keys, delivery.SecretName, use, cancel) is not { } secret)
            {
                return Failed(delivery, null, $"there is no secret {delivery.SecretName}");
            }
            using var request = Request(delivery, secret.Value);
            using var reply = await http.SendAsync(
                request, HttpCompletionOption.ResponseHeadersRead, cancel);
            return reply.StatusCode switch
            {
                >= HttpStatusCode.OK and < HttpStatusCode.MultipleChoices =>
                    new DeliveryResult(true, (int)reply.StatusCode, null, null),
                // the receiver says that it is gone for good
                HttpStatusCode.Gone => new DeliveryResult(false, 410, "the receiver answered 410 Gone", null),
                var status => Failed(delivery, (int)status, $"the receiver answered {(int)status}"),
            };
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            return Failed(delivery, null, $"no answer within {Timeout.TotalSeconds} s");
        }
        catch (Exception e) when (e is HttpRequestException or IOException or AegisException)
        {
            var refused = e as AegisException ?? e.InnerException as AegisException;
            return Failed(delivery, null, refused?.Error.ToString() ?? e.Message);
        }
    }

    public void Dispose() => http.Dispose();

    private HttpRequestMessage Request(DueDelivery delivery, string secret)
    {
        var at = time.GetUtcNow();
        var request = new HttpRequestMessage(HttpMethod.Post, delivery.Url)
        {
            Content = new ByteArrayContent(Encoding.UTF8.GetBytes(delivery.Body)),
        };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
        request.Headers.UserAgent.ParseAdd("aegis-forge");
        request.Headers.Add("webhook-id", delivery.DeliveryId);
        request.Headers.Add("webhook-timestamp",
            at.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        request.Headers.Add("webhook-signature",
            WebhookSignature.Sign(secret, delivery.DeliveryId, at, delivery.Body));
        return request;
    }

    private DeliveryResult Failed(DueDelivery delivery, int? code, string error) =>
        new(false, code, error.Length <= ErrorCharsMax ? error : error[..ErrorCharsMax],
            WaitAfter(delivery.Attempts, chance));
}
