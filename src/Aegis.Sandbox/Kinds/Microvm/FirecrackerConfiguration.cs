using System.Text.Json;
using System.Text.Json.Nodes;

namespace Aegis.Sandbox.Kinds.Microvm;

/// <summary>The same machine as Firecracker reads it (<c>--config-file</c>). Nobody has run it yet:
/// Firecracker needs KVM and has no ports for a command's input and output but a serial console and vsock,
/// so those would travel over a disk; see docs/limits.md.</summary>
internal static class FirecrackerConfiguration
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    public static string Json(VmPlan plan) => new JsonObject
    {
        ["boot-source"] = new JsonObject
        {
            ["kernel_image_path"] = plan.Kernel,
            ["initrd_path"] = plan.Initrd,
            ["boot_args"] = plan.KernelArguments + " console=ttyS0 pci=off",
        },
        ["machine-config"] = new JsonObject
        {
            ["vcpu_count"] = plan.Cpus,
            ["mem_size_mib"] = plan.MemoryMib,
            ["smt"] = false,
        },
        ["drives"] = new JsonArray([.. plan.Disks.Select(d => new JsonObject
        {
            ["drive_id"] = d.Serial,
            ["path_on_host"] = d.Path,
            ["is_root_device"] = false,
            ["is_read_only"] = d.ReadOnly,
        })]),
        ["network-interfaces"] = new JsonArray(),
    }.ToJsonString(Indented);
}
