using System.Collections.Immutable;
using Aegis.Core.Errors;
using Aegis.Core.Policy;
using Aegis.Sandbox.Egress;
using Amazon.Runtime;

namespace Aegis.Gate.Buckets;

/// <summary>How the S3 client reaches the network: each request is judged by the run's egress_allow and its
/// profile's, and each connection goes to an address that was judged.</summary>
internal sealed class BucketWay(ImmutableArray<string> allow, ImmutableArray<string>? ceiling,
    EgressDial dial) : HttpClientFactory
{
    public override HttpClient CreateHttpClient(IClientConfig clientConfig) =>
        new(new Judge(this) { InnerHandler = Handler() }) { Timeout = Timeout.InfiniteTimeSpan };

    public override bool UseSDKHttpClientCaching(IClientConfig clientConfig) => false;

    public override bool DisposeHttpClientsAfterUse(IClientConfig clientConfig) => true;

    private SocketsHttpHandler Handler() => new()
    {
        AllowAutoRedirect = false,
        UseProxy = false,
        UseCookies = false,
        ActivityHeadersPropagator = null,
        ConnectCallback = (context, cancel) => dial.ConnectAsync(
            Rule(EgressPolicy.DecidePlace(allow,
                new EgressTarget(context.DnsEndPoint.Host, context.DnsEndPoint.Port), ceiling)),
            context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancel),
    };

    private void Allow(EgressTarget target) => Rule(EgressPolicy.Decide(allow, target, ceiling));

    private static EgressRule Rule(EgressDecision decision) =>
        decision.Rule ?? throw new AegisException(decision.Error!);

    private sealed class Judge(BucketWay way) : DelegatingHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(
            HttpRequestMessage request, CancellationToken cancellationToken)
        {
            way.Allow(EgressTarget.Of(request.RequestUri!, request.Method.Method));
            return base.SendAsync(request, cancellationToken);
        }
    }
}
