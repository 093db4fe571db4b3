using Aegis.Core.Policy;
using Aegis.Server.Tools;

namespace Aegis.Server.Rpc;

/// <summary>Where a call works. The documents' own calls name a repository by a path of its own
/// (<c>/repo</c>): it is checked out at /work/app, and what stands behind its name is a folder in
/// it.</summary>
internal sealed record RpcPlace(string? Repository, string Folder)
{
    private const string Root = "/work";
    private const string Checkout = "/work/app";

    public static RpcPlace Of(string? repo, string? folder)
    {
        var named = repo?.Trim('/');
        if (folder is null)
        {
            return new RpcPlace(named, named is null ? Root : Checkout);
        }
        if (!folder.StartsWith('/'))
        {
            return new RpcPlace(named, $"{(named is null ? Root : Checkout)}/{folder}");
        }
        if (named is not null || IsInside(folder, Root) || IsInside(folder, "/app/workplace"))
        {
            return new RpcPlace(named, folder);
        }
        var parts = folder.Trim('/').Split('/', 2);
        return new RpcPlace(parts[0], parts.Length == 1 ? Checkout : $"{Checkout}/{parts[1]}");
    }

    /// <summary>What the caller says may run; or else the programs that the line names: who may call the tool
    /// names them by naming them. Guards, tiers and the profile's rules hold beside it.</summary>
    public static CallPolicyRequest Policy(CallPolicyRequest? given, string line) =>
        given is { AllowCommands: not null } ? given : (given ?? new CallPolicyRequest()) with
        {
            AllowCommands = [.. CommandLine.Parse(line).Commands
                .Where(c => c.Words is [{ IsOpen: false, HasGlob: false }, ..])
                .Select(c => c.Words[0].Text).Where(IsPlain).Distinct()],
        };

    private static bool IsInside(string folder, string root) =>
        folder == root || folder.StartsWith(root + "/", StringComparison.Ordinal);

    // anything else would have to be quoted to be an entry of a list
    private static bool IsPlain(string program) => program.Length > 0
        && program.All(c => char.IsAsciiLetterOrDigit(c)
            || c is '-' or '_' or '.' or '/' or '+' or '[' or ':');
}
