using Aegis.Processes;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Tests.Egress;

/// <summary>A kind of sandbox whose commands can have a proxy.</summary>
public interface IProxiedFixture
{
    ProcessLauncher Launcher { get; }

    /// <summary>Of a node that has the kind.</summary>
    SandboxOptions Options { get; }

    /// <summary>The proxy as the kind's commands find it.</summary>
    string Proxy => ProxyNetwork.Address;

    /// <summary>A command whose system has bash, curl, openssl and perl.</summary>
    SandboxSpec Proxied(params string[] argv);
}
