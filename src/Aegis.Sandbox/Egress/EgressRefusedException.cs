using Aegis.Core.Errors;

namespace Aegis.Sandbox.Egress;

/// <summary>A request that the proxy does not carry, with the answer that its client gets.</summary>
internal sealed class EgressRefusedException(int status, AegisError error) : Exception(error.ToString())
{
    public int Status => status;

    public AegisError Error => error;
}
