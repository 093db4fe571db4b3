using System.Text.Json;
using Aegis.Durability.Product;
using Aegis.Tools.Deploy.Stacks;

namespace Aegis.Tools.Tests.Deploy;

/// <summary>Where programs of stacks are held up by a test: pipes in a folder that sandboxes see. The program
/// that follows Terraform's documented command line stands there too.</summary>
public sealed class StackGates : IDisposable
{
    /// <summary>What a provisioner leaves in the workspace: shows that a look at the disk sees it.</summary>
    public const string Mark = "mark-of-the-workspace-77aa";

    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    public StackGates()
    {
        const UnixFileMode all = (UnixFileMode)0x1ED;
        File.SetUnixFileMode(Folder, all);
        File.Copy(Path.Combine(Programs, "tofu"), Path.Combine(Folder, "tofu"));
        File.SetUnixFileMode(Path.Combine(Folder, "tofu"), all);
    }

    /// <summary>The real Terraform too, where it is installed.</summary>
    public static TheoryData<string> Found
    {
        get
        {
            var found = new TheoryData<string>("tofu");
            if (File.Exists("/usr/local/bin/terraform") || File.Exists("/usr/bin/terraform"))
            {
                found.Add("terraform");
            }
            return found;
        }
    }

    public static string Programs { get; } = Path.Combine(AppContext.BaseDirectory, "Deploy", "Programs");

    public string Folder { get; } = Directory.CreateTempSubdirectory("aegis-stacks-").FullName;

    /// <summary>Two things in their order, b with a value that is secret; one of them is held up while it is
    /// made, or none.</summary>
    public string Project(string? held, string gate = "gate")
    {
        object Thing(string name, string input, string[] after)
        {
            var thing = new Dictionary<string, object> { ["input"] = input, ["depends_on"] = after };
            if (name == held)
            {
                Posix.MakeFifo(At(gate));
                Posix.MakeFifo(Go(gate));
                var place = $"{StackTool.ProgramsFolder}/{gate}";
                thing["provisioner"] = new[] { new Dictionary<string, object> { ["local-exec"] = new
                {
                    command = $"echo {Mark} > mark; echo here > {place}.at; read answer < {place}.go",
                } } };
            }
            return thing;
        }
        return JsonSerializer.Serialize(new
        {
            resource = new { terraform_data = new
            {
                a = Thing("a", "one", []), b = Thing("b", "${var.password}", ["terraform_data.a"]),
            } },
            variable = new { password = new { type = "string", sensitive = true } },
            output = new
            {
                plain = new { value = "${terraform_data.a.output}" },
                secret = new { value = "${terraform_data.b.output}", sensitive = true },
            },
        });
    }

    /// <summary>Completes when the program has come to the gate.</summary>
    public Task ReachedAsync(string gate = "gate") =>
        Task.Run(() => File.ReadAllText(At(gate))).WaitAsync(Patience);

    public Task LetGoAsync(string gate = "gate") =>
        Task.Run(() => File.WriteAllText(Go(gate), "go\n")).WaitAsync(Patience);

    public void Dispose() => Directory.Delete(Folder, true);

    private string At(string gate) => Path.Combine(Folder, gate + ".at");

    private string Go(string gate) => Path.Combine(Folder, gate + ".go");
}
