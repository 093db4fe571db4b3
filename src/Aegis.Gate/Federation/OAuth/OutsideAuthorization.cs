using System.Security.Cryptography;
using System.Text;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Gate.Http;

namespace Aegis.Gate.Federation.OAuth;

/// <summary>
/// A token for one MCP server, as the protocol's authorization says, for a machine: nobody is asked. 1. the
/// server says where it describes itself (RFC 9728), at its own address; 2. what it describes must be itself,
/// and name the issuer of the profile; 3. the issuer says where it gives tokens (RFC 8414); 4. it gets the
/// client's id and secret, and which server the token is for (RFC 8707); 5. the token is kept until it
/// expires. Rejected: believing the server which issuer to ask, which would show the client's secret to
/// whomever a server names.
/// </summary>
internal sealed class OutsideAuthorization
{
    private static readonly TimeSpan TimeMax = TimeSpan.FromSeconds(20);

    private readonly GateExecution execution;
    private readonly McpServerProfile server;
    private readonly McpOAuthProfile oauth;
    private readonly TokenKey key;
    private volatile string? current;

    private OutsideAuthorization(
        GateExecution execution, McpServerProfile server, McpOAuthProfile oauth, TokenKey key)
    {
        (this.execution, this.server, this.oauth, this.key) = (execution, server, oauth, key);
        Hold(execution.Federation.Tokens.Find(key));
    }

    /// <summary>The token that the next request goes with; null before there is one.</summary>
    public string? Known => current;

    private PrivateHosts Hosts => execution.Federation.Hosts;

    public static async ValueTask<OutsideAuthorization> OpenAsync(GateExecution execution,
        McpServerProfile server, McpOAuthProfile oauth, CancellationToken cancel)
    {
        var (id, secret) = await ClientAsync(execution, server.Name, oauth, oauth.Issuer, cancel);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{id}\n{secret}")));
        return new OutsideAuthorization(execution, server, oauth,
            new TokenKey(execution.Context.Principal.Tenancy, server.Url!, oauth.Issuer, oauth.Scope, hash));
    }

    /// <summary>Whether an address is the server's own.</summary>
    public bool IsOf(Uri address) => OAuthDiscovery.IsSameOrigin(server.Url!, address);

    /// <param name="refused">The token that the server did not take; null for none.</param>
    /// <exception cref="AegisException">AEGIS6228 to 6230, 6223, 6224.</exception>
    public async ValueTask<string> RenewAsync(
        string? refused, OAuthChallenge challenge, OAuthSend send, CancellationToken cancel)
    {
        if (current is { } newer && newer != refused)
        {
            return newer;
        }
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeMax);
        try
        {
            var discovery = new OAuthDiscovery(server, oauth, Hosts, send);
            var resource = await discovery.ResourceAsync(challenge, limit.Token);
            var issuer = await discovery.IssuerAsync(limit.Token);
            var (id, secret) = await ClientAsync(
                execution, server.Name, oauth, issuer.TokenEndpoint, limit.Token);
            var grant = await issuer.GrantAsync(
                server.Name, id, secret, resource, oauth.Scope ?? challenge.Scope, send, limit.Token);
            Hold(grant.Token);
            execution.Federation.Tokens.Keep(key, grant.Token, grant.Life);
            return grant.Token;
        }
        catch (OperationCanceledException) when (!cancel.IsCancellationRequested)
        {
            throw new AegisException(FederationErrors.NoAuthorization(
                server.Name, $"no answer within {TimeMax.TotalSeconds} s"));
        }
        catch (HttpRequestException e) when (e.InnerException is not AegisException)
        {
            throw new AegisException(FederationErrors.NoAuthorization(server.Name, e.Message));
        }
    }

    /// <summary>Both are asked for with the host that they go to, so that a secret that is bound to other
    /// hosts stays here.</summary>
    private static async ValueTask<(string Id, string Secret)> ClientAsync(GateExecution execution,
        string server, McpOAuthProfile oauth, Uri target, CancellationToken cancel)
    {
        return (await OfAsync(oauth.ClientIdSecret), await OfAsync(oauth.ClientSecret));

        async ValueTask<string> OfAsync(string name) => await execution.SecretAsync(name, target, cancel)
            ?? throw new AegisException(FederationErrors.NoSecret(server, name));
    }

    private void Hold(string? token)
    {
        current = token;
        if (token is not null)
        {
            execution.Mask(token);
        }
    }
}
