using System.Collections.Immutable;
using System.Text.Json;
using Aegis.Core.Artifacts;
using Aegis.Core.Deployments;
using Aegis.Core.Errors;
using Aegis.Core.Federation;
using Aegis.Core.Policy;
using Aegis.Core.Profiles;
using Aegis.Gate.Buckets;
using Aegis.Gate.Deployments;
using Aegis.Gate.Federation;
using Aegis.Gate.Http;
using Aegis.Gate.Models;
using Aegis.Gate.Stacks;
using Aegis.Ledger.Secrets;
using Aegis.Sandbox.Egress;

namespace Aegis.Gate;

// What a call reaches outside of its sandbox: host programs, forges, the network, secrets, artifacts,
// deployments.
public sealed partial class GateExecution
{
    private const string SecretsWrite = "secrets:write";

    private CallStacks? stacks;

    public override async ValueTask<CommandResult> HostAsync(HostCommand command, CancellationToken cancel)
    {
        if (descriptor.Programs.IsDefault || !descriptor.Programs.Contains(command.Program))
        {
            throw new InvariantViolationException(
                $"{descriptor.Name} does not declare the program {command.Program}");
        }
        if (command.ToForge)
        {
            var (forge, token) = await RemoteAsync(to => to.GitUrl, cancel)
                ?? throw new InvariantViolationException(
                $"{descriptor.Name} asked for an outside forge in a run without one");
            command = command with
            {
                Env = (command.Env ?? ImmutableSortedDictionary<string, string>.Empty).SetItems(
                    await ForgeGit.EnvironmentAsync(forge, token, Parts.Options.Forges, cancel)),
            };
        }
        return await HostedCommand.RunAsync(this, command, cancel);
    }

    public override async ValueTask<ForgePlace?> ForgePlaceAsync(CancellationToken cancel) =>
        await ForgeAsync(cancel) is { } forge
            ? new ForgePlace(forge.Owner, forge.Name, ForgeGit.Remote(forge))
            : await base.ForgePlaceAsync(cancel);

    public override async ValueTask<ForgeReply> ForgeAsync(ForgeRequest request, CancellationToken cancel)
    {
        if (await ForgePlaceAsync(cancel) is not { } place || !place.Holds(request.Path))
        {
            throw new InvariantViolationException($"{descriptor.Name} left the run's repository");
        }
        return await RemoteAsync(to => to.BaseUrl, cancel) is var (forge, token)
            ? await new RemoteForge(forge, token, Parts.Options.Forges).SendAsync(request, cancel)
            : await ForgeCall.SendAsync(Parts, Context.Principal.Tenancy, request, cancel);
    }

    public override async ValueTask<HttpReply> HttpAsync(HttpCall call, CancellationToken cancel)
    {
        var profile = await ProfileAsync(cancel);
        return await new EgressHttp(Context.Policy.EgressAllow, profile.Policies.EgressAllow, Redactor,
            EgressDial.BySystem).SendAsync(call, cancel);
    }

    internal FederationParts Federation => Parts.Federation ?? throw new InvariantViolationException(
        $"{descriptor.Name} reached for outside servers on a node without them");

    internal async ValueTask<McpServerProfile> McpServerAsync(string name, CancellationToken cancel) =>
        (await ProfileAsync(cancel)).McpServers.GetValueOrDefault(name)
            ?? throw new AegisException(FederationErrors.NoServer(name));

    internal override ValueTask<ToolResult> FederatedAsync(
        McpToolPin pin, JsonElement input, CancellationToken cancel) =>
        FederatedCall.RunAsync(this, pin, input, cancel);

    public override async ValueTask<IReadOnlyList<McpToolPin>> SurveyAsync(
        string server, CancellationToken cancel) =>
        [.. (await FederatedCall.SurveyAsync(this, server, cancel)).Select(r => r.Pin)];

    public override async ValueTask<string?> SecretAsync(string name, Uri? target, CancellationToken cancel)
    {
        var use = new SecretUse(Context.Principal.Actor, descriptor.Name, target?.IdnHost, Context.Run.Value,
            Context.StepId);
        if (Parts.Secret is not { } find || Keyring.IsOfAnother(Context.Principal.Actor, name)
            || await find(new SecretAsk(Context.Principal.Tenancy, name, use,
                target is null ? null : EgressTarget.Of(target)), cancel) is not { } value)
        {
            return null;
        }
        Mask(value);
        return value;
    }

    public override async ValueTask<ArtifactVersion?> PutArtifactAsync(
        ArtifactPut put, CancellationToken cancel)
    {
        if (Parts.Artifacts() is not { } shelf)
        {
            return null;
        }
        var version = await shelf.PutAsync(
            Context.Principal, put with { TaskId = $"{Context.Run}.{Context.StepId}" }, cancel);
        made.Add(version);
        return version;
    }

    public override ValueTask<ArtifactContent?> OpenArtifactAsync(
        string id, int? version, CancellationToken cancel) =>
        Parts.Artifacts()?.OpenAsync(Context.Principal.Tenancy, id, version, cancel)
            ?? ValueTask.FromResult<ArtifactContent?>(null);

    public override async ValueTask<ServedRelease> DeployAsync(string name, ReleaseSpec release,
        string archive, int kept, CancellationToken cancel)
    {
        var demanded = (await ProfileAsync(cancel)).Sandbox;
        if (Parts.Deployments() is not { } desk)
        {
            throw new AegisException(NoDeployments);
        }
        if (demanded.Kind != SandboxProfile.Default.Kind)
        {
            throw new AegisException(NoDeployments with
            {
                Message = $"the profile demands the sandbox kind {demanded.Kind}, and programs are served "
                    + $"from the kind {SandboxProfile.Default.Kind} alone",
                Mend = "use another target, or a profile that does not demand it",
            });
        }
        return await desk.DeployAsync(new DeployOrder(Context.Principal, name, Context.CallId,
            release with { Walls = [.. demanded.Walls] }, archive, kept), Log, cancel);
    }

    public override ValueTask<ServedRelease?> DeployedAsync(string name, CancellationToken cancel) =>
        Parts.Deployments()?.FindAsync(Context.Principal, name, Context.CallId, cancel)
            ?? ValueTask.FromResult<ServedRelease?>(null);

    public override CallStacks Stacks => stacks ??= new CallStacks(Parts.Stacks, Context);

    public override async ValueTask KeepSecretAsync(string name, string value, CancellationToken cancel)
    {
        Mask(value);
        if (!Context.Principal.Holds(SecretsWrite) || Parts.KeepSecret is not { } keep)
        {
            throw new AegisException(new AegisError("AEGIS2685", $"the secret {name} may not be stored",
                $"a holder with the scope {SecretsWrite}", Context.Principal.Actor,
                "start the run with a key that has it, or leave out save_outputs"));
        }
        await keep(Context.Principal, name, value, cancel);
    }

    public override ValueTask MayPublishAsync(string name, string target, CancellationToken cancel) =>
        Parts.Deployments()?.MayPublishAsync(Context.Principal, name, target, cancel)
            ?? ValueTask.CompletedTask;

    public override ValueTask PublishedAsync(PublishedRelease release, CancellationToken cancel) =>
        Parts.Deployments()?.PublishedAsync(Context.Principal, release, Context.CallId, cancel)
            ?? ValueTask.CompletedTask;

    public override async ValueTask<Bucket> BucketAsync(
        BucketPlace place, BucketSecrets names, CancellationToken cancel)
    {
        async ValueTask<string> ValueAsync(string name) =>
            await SecretAsync(name, place.Address, cancel)
            ?? throw new AegisException(NoSecret(name));
        var values = new BucketSecrets(await ValueAsync(names.AccessKey), await ValueAsync(names.SecretKey),
            names.SessionToken is { } token ? await ValueAsync(token) : null);
        return new Bucket(place, values, new BucketWay(Context.Policy.EgressAllow,
            (await ProfileAsync(cancel)).Policies.EgressAllow, EgressDial.BySystem));
    }

    protected override async ValueTask<IHeldLock> HoldAsync(string resource, CancellationToken cancel) =>
        Parts.Locks() is { } locks
            ? await locks.TakeAsync(Context.Principal, resource, Context.CallId, cancel)
            : await base.HoldAsync(resource, cancel);

    /// <summary>Null for the local forge.</summary>
    private async ValueTask<ForgeProfile?> ForgeAsync(CancellationToken cancel) =>
        (await ProfileAsync(cancel)).Forge;

    private async ValueTask<(ForgeProfile Forge, string Token)?> RemoteAsync(
        Func<ForgeProfile, Uri> target, CancellationToken cancel)
    {
        if (await ForgeAsync(cancel) is not { } forge)
        {
            return null;
        }
        var token = forge.TokenSecret is { } secret ? await SecretAsync(secret, target(forge), cancel)
            : Parts.Options.Forges.HostToken(Context.Principal.Tenancy, forge);
        // what is no visible ASCII would break out of the header that it stands in
        if (token?.Trim() is not { Length: > 0 } plain || plain.Any(c => c is < '!' or > '~'))
        {
            throw ForgeErrors.NoToken(forge);
        }
        Mask(plain);
        return (forge, plain);
    }
}
