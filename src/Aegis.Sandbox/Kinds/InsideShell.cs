namespace Aegis.Sandbox.Kinds;

/// <summary>What a static busybox runs as the first process around a command, where a system may have no
/// shell of its own. Busybox takes its own programs for those of the system: so the command's is looked up
/// here, on the PATH, and called by its place.</summary>
internal static class InsideShell
{
    public const string Busybox = "/bin/busybox";

    /// <summary>Arguments: the working directory, then the command. Contains no single quote.</summary>
    public const string Find = """
        cd -- "$1" 2>/dev/null || { echo "no folder $1" >&2; exit 126; }
        shift
        case $1 in
          */*) program=$1 ;;
          *)
            program=; old=$IFS; IFS=:
            for d in $PATH; do
              if [ -x "$d/$1" ] && [ ! -d "$d/$1" ]; then program=$d/$1; break; fi
            done
            IFS=$old ;;
        esac
        [ -n "$program" ] || { echo "sh: $1: not found" >&2; exit 127; }
        shift

        """;

    /// <summary>A static program names no loader: its ELF header has no INTERP segment.</summary>
    public static bool IsThere()
    {
        const int interpreter = 3;
        if (!File.Exists(Busybox))
        {
            return false;
        }
        var elf = File.ReadAllBytes(Busybox).AsSpan();
        var (table, size, count) = ((int)BitConverter.ToInt64(elf[32..]), BitConverter.ToInt16(elf[54..]),
            BitConverter.ToInt16(elf[56..]));
        for (var i = 0; i < count; i++)
        {
            if (BitConverter.ToInt32(elf[(table + (i * size))..]) == interpreter)
            {
                return false;
            }
        }
        return true;
    }
}
