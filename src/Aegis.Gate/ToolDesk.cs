using Aegis.Core.Errors;
using Aegis.Gate.Admission;

namespace Aegis.Gate;

/// <summary>Says who may see and call which tool, by the very decision that the gate makes when the call
/// comes. It acts on nothing: a call that it lets pass is judged again when it is made.</summary>
public sealed class ToolDesk(ToolCatalogue tools)
{
    /// <summary>The tools that somebody may call, by name.</summary>
    public IEnumerable<Tool> Of(Principal principal) =>
        tools.All.Where(t => AdmissionOrder.MayCall(t, t.Descriptor.Name, principal) is null)
            .OrderBy(t => t.Descriptor.Name, StringComparer.Ordinal);

    /// <summary>One that somebody may call; AEGIS2002 or AEGIS2003 otherwise.</summary>
    public Tool Get(Principal principal, string name)
    {
        var tool = tools.Find(name);
        return AdmissionOrder.MayCall(tool, name, principal) is { } refusal
            ? throw new AegisException(refusal)
            : tool!;
    }

    public Admission.Admission Judge(CallOrder order) =>
        AdmissionOrder.Decide(tools.Find(order.Tool), order);
}
