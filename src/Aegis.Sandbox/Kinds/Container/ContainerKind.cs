using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Aegis.Sandbox.Egress;

namespace Aegis.Sandbox.Kinds.Container;

// runc makes its namespaces within the server's room, from a configuration that is written for each command.
// Rejected: podman (150 ms a start, and a state of its own beside the ledger's); a docker socket (whoever has
// it is root). A command's first process leads no session of ours, so the end of the group is not its end:
// runc stands in a pid namespace that the kernel empties when its first process dies. The container's network
// is made before it too, and not by runc: so its port can be handed out without a program in the image.

/// <summary>A container of an OCI image, for each command.</summary>
internal sealed class ContainerKind(SandboxRunner runner, SandboxOptions options) : ISandboxKind
{
    private const string Runtime = "/usr/sbin/runc";
    private const int ConfigurationFile = 9;

    private const string Script = """
        base=$1 uid=$2
        /bin/busybox ip link set lo up || exit 125
        HAND_OVER
        mkdir "$base/t/home" && chown "$uid:$uid" "$base/t/home" || exit 125
        mount -t tmpfs -o mode=755,size=16m,nr_inodes=1024 bundle "$base/b" || exit 125
        cat <&9 >"$base/b/config.json" && exec 9<&- || exit 125
        cat /bin/busybox >"$base/b/busybox" && chmod 555 "$base/b/busybox" || exit 125
        if [ -e /proc/self/fd/7 ]; then cat <&7; fi >"$base/b/env" && exec 7<&- || exit 125
        if [ -e /proc/self/fd/CERTIFICATES ]; then
          cat /proc/self/fd/CERTIFICATES >"$base/b/certificates" || exit 125
        fi
        runc --root "$base/b/state" --log "$base/b/log" run --bundle "$base/b" \
          --pid-file "$base/b/pid" --no-new-keyring command 6>&-
        code=$?
        [ -s "$base/b/pid" ] || exit 125
        echo "{\"exit-code\": $code}" >&6
        """;

    private readonly ImageShelf images = new(options.ImagesFolder);

    public SandboxKind Kind => SandboxKind.Container;

    public async Task<ImmutableArray<WallRecord>> EnterAsync(CancellationToken cancel)
    {
        if (!File.Exists(Runtime))
        {
            throw KindErrors.Missing(Kind, "the program runc", "none", "Install it: apt-get install runc");
        }
        if (!(await runner.RoomAsync(cancel)).HasSubuids)
        {
            throw KindErrors.Missing(Kind, "a subuid range of the server's user", "none",
                WallMends.Of("uid").Mend);
        }
        if (!InsideShell.IsThere())
        {
            throw KindErrors.Missing(Kind, "a static busybox, the first process of a container", "none",
                "Install it: apt-get install busybox-static");
        }
        var image = images.Names().Order(StringComparer.Ordinal).FirstOrDefault() ?? throw KindErrors.Missing(
            Kind, "an image", "none", "Add one: ./aegis sandbox image add NAME FOLDER, with an OCI layout");
        return await ContainerProbe.EnterAsync(this, image, cancel);
    }

    public ImmutableArray<WallRecord> WallsOf(SandboxSpec spec, ImmutableArray<WallRecord> entered) =>
        WallTable.For(entered, spec, options, runner.Groups);

    public async Task<SandboxOutcome> RunAsync(SandboxSpec spec, SandboxIo io,
        ImmutableArray<WallRecord> entered, CancellationToken cancel)
    {
        var outcome = await RunContainerAsync(spec, io, cancel);
        return outcome with { Walls = WallsOf(spec, entered) };
    }

    internal async Task<SandboxOutcome> RunContainerAsync(SandboxSpec spec, SandboxIo io,
        CancellationToken cancel)
    {
        var (root, image) = images.Find(spec.Image);
        foreach (var mount in spec.Mounts)
        {
            ImageShelf.MakePlace(root, mount.InsidePath);
        }
        if (spec.Network is { HasAuthority: true })
        {
            ImageShelf.MakeFile(root, CommandAuthority.InsidePath);
        }
        var enclosure = new Enclosure
        {
            Folders = [new RoomFolder(root, "/")],
            Inner = (room, uid, overlay) => Argv(spec, room, uid),
            Content = (room, uid, overlay) => [new DataFile(ConfigurationFile, "",
                Configuration(spec, image, room, uid, overlay))],
        };
        return await runner.EncloseAsync(spec, io, enclosure, cancel);
    }

    private static ImmutableArray<string> Argv(SandboxSpec spec, UserNamespace room, int uid) =>
    [
        "unshare", "--pid", "--net", "--fork", "--kill-child=KILL", "--mount-proc", "sh", "-c",
        Script.Replace("HAND_OVER", spec.Network is null ? "" : ListenerHandOver.Script(
                SandboxCommand.ProxyFile, SandboxCommand.TellFailure), StringComparison.Ordinal)
            .Replace("CERTIFICATES", Text(SandboxCommand.CertificatesFile), StringComparison.Ordinal),
        "sh", room.Base, Text(uid),
    ];

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);

    private byte[] Configuration(SandboxSpec spec, ImageRecord image, UserNamespace room, int uid,
        string? overlay)
    {
        var mounts = Enumerable.Range(0, spec.Mounts.Length + 1).Select(i =>
            string.Create(CultureInfo.InvariantCulture, $"{room.Base}/m/{i}")).ToImmutableArray();
        var places = new ContainerPlaces(mounts[^1], overlay ?? room.Base + "/k", room.Base + "/t", room.Base
            + "/b", mounts);
        return Encoding.UTF8.GetBytes(OciConfiguration.Json(spec, options, image.Env, places,
            new ContainerIds(room.Uids?.Last ?? 0, uid)).ToJsonString());
    }
}
