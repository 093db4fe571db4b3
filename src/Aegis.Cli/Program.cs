Console.WriteLine("aegis");
