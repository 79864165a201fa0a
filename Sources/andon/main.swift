print("andon")
