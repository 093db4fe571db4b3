using System.Runtime.CompilerServices;

[assembly: InternalsVisibleTo("Aegis.Processes.Tests")]
